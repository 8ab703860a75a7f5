// What must not work: clear words, and nothing changed.
import { expect, type Page, test } from '@playwright/test';
import { laptop } from './support/browsers';
import { journey } from './support/journey';
import {
  codeOn,
  enterCode,
  lessonOf,
  linesOf,
  pagesOf,
  part,
  post,
  rooms,
  signIn,
  startLesson,
  takePicture,
} from './support/school';

test.describe('signing in', () => {
  const its = journey();
  let page: Page;

  test('a wrong password is refused without saying which of the two was wrong', async () => {
    ({ page } = await its.school.somebody());
    await signIn(page, 'teacher', 'wrong-password');
    await expect(page.getByTestId('fault')).toHaveText('账号或密码不正确。');
    await takePicture(page, 'login-wrong-password');
    await signIn(page, 'nobody-of-that-name', 'wrong-password');
    await expect(page.getByTestId('fault')).toHaveText('账号或密码不正确。');
    await expect(page).toHaveURL(/\/login/);
  });

  test('a session that has ended leads back to sign-in, and then to where one was', async () => {
    await signIn(page, 'scheduler');
    await expect(page.getByTestId('tab-screens')).toBeVisible();
    its.server.setPassword('scheduler', 'another-password');
    // The page notices with its next call; the server may know a session for a few seconds more.
    await expect(async () => {
      await page.reload();
      await expect(page).toHaveURL(/\/login\?next=/, { timeout: 1_000 });
    }).toPass({ timeout: 30_000 });
    await page.getByTestId('login').fill('scheduler');
    await page.getByTestId('password').fill('another-password');
    await page.getByTestId('sign-in').click();
    await expect(page).toHaveURL(/\/scheduler/);
  });

  test('a teacher whose session ends in the lesson is asked to sign in, and is back in it', async () => {
    const teacher = (await its.school.teacher()).page;
    await startLesson(teacher);
    its.server.setPassword('teacher', 'another-password');
    await expect(teacher).toHaveURL(/\/login\?next=/, { timeout: 30_000 });
    await expect(teacher.getByTestId('why')).toContainText('登录已过期');
    await takePicture(teacher, 'login-session-ended');
    await teacher.getByTestId('login').fill('teacher');
    await teacher.getByTestId('password').fill('another-password');
    await teacher.getByTestId('sign-in').click();
    await expect(teacher.getByTestId('live')).toBeVisible();
  });
});

test.describe('a lesson that somebody tries to disturb', () => {
  const its = journey();
  let teacher: Page;
  let room: Page;
  let desk: Page;
  let lessonId: string;
  let code: string;

  test.beforeAll(async () => {
    const people = pagesOf(its.school.teacher(), its.school.somebody({ who: 'room1' }));
    desk = await its.school.desk();
    [teacher, room] = await people;
    lessonId = lessonOf(teacher);
    await room.goto('/screen');
    code = await codeOn(room);
    await takePicture(room, 'screen-pairing');
    await enterCode(desk, code, 'room1');
    await expect(desk.getByTestId('paired')).toContainText(rooms.room1.name);
    await expect(room.getByTestId('screen-live')).toBeVisible();
  });

  test('a pairing code works once', async () => {
    await enterCode(desk, code, 'room2');
    await expect(desk.getByText('这个配对码已被使用')).toBeVisible();
    await expect(desk.getByRole('row', { name: rooms.room2.name })).toContainText('未配对');
    await takePicture(desk, 'scheduler-code-used');
  });

  test('a classroom that calls a teacher’s RPC is refused, and the lesson stays as it is', async () => {
    for (const method of ['StartLesson', 'EndLesson', 'MuteAll', 'CallOn']) {
      expect(
        await call(room, method, { lessonId, idempotencyKey: 'classroom-tries', participantId: rooms.room1.id }),
      ).toEqual({
        status: 403,
        reason: 'REASON_PERMISSION_DENIED',
      });
    }
    await expect(teacher.getByTestId('waiting')).toBeVisible();
  });

  test('chat with markup is shown as text everywhere', async () => {
    await startLesson(teacher);
    const hostile = '<img src=x onerror="document.title=1"><b>粗体</b> &amp; <script>alert(1)</script>';
    await post(teacher, hostile);
    await expect.poll(() => linesOf(teacher)).toEqual([hostile]);
    await expect(room.getByTestId('chat-ticker')).toContainText(hostile);
    await expect(room.getByTestId('chat-ticker').locator('img, script, b b')).toHaveCount(0);
    await expect(teacher.getByTestId('chat-lines').locator('img, b, script')).toHaveCount(0);
  });

  test('the same account in a second window: the newer takes over, and the older says so', async () => {
    const second = await its.school.guest('teacher', { viewport: laptop });
    await second.getByTestId('enter-lesson').click();
    await expect(second.getByTestId('live')).toBeVisible();
    await expect(teacher.getByTestId('superseded')).toContainText('已在另一个窗口打开');
    await takePicture(teacher, 'teacher-superseded');
    await teacher.getByTestId('take-over').click();
    await expect(teacher.getByTestId('live')).toBeVisible();
    await expect(second.getByTestId('superseded')).toBeVisible();
  });

  test('a screen opened twice on one computer counts once', async () => {
    const second = await room.context().newPage();
    await second.goto('/screen');
    await expect(second.getByTestId('screen-live')).toBeVisible();
    await expect(room.getByTestId('superseded')).toBeVisible();
    await takePicture(room, 'screen-superseded');
    await second.close();
    await room.getByTestId('superseded').getByRole('button').click();
    await expect(room.getByTestId('screen-live')).toBeVisible();
    await expect(teacher.getByTestId('rooms-present')).toContainText('1 / 2');
  });

  test('a screen whose device is revoked goes back to pairing', async () => {
    await desk.getByRole('row', { name: rooms.room1.name }).getByTestId('revoke').click();
    await desk.getByRole('tooltip').getByRole('button', { name: '解除配对' }).click();
    await expect(room.getByTestId('pairing-code')).toHaveAttribute('data-code', /^[A-Z0-9]{6}$/, { timeout: 30_000 });
    await expect(teacher.locator(`${part('tile')}[data-participant="${rooms.room1.id}"]`)).not.toHaveAttribute(
      'data-presence',
      'PRESENT',
    );
  });
});

/** Calls an RPC from a page with its own cookie, as its own scripts could. */
async function call(page: Page, method: string, message: object): Promise<{ status: number; reason: unknown }> {
  return page.evaluate(
    async ({ method, message }) => {
      const answer = await fetch(`/tongke.classroom.v1.ClassroomService/${method}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-tongke-as': 'device' },
        body: JSON.stringify(message),
      });
      const { details } = (await answer.json()) as { details?: { debug?: { reason?: string } }[] };
      return { status: answer.status, reason: details?.[0]?.debug?.reason };
    },
    { method, message },
  );
}
