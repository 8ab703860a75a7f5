// A classroom screen in a browser as it really is: it blocks sound and asks about devices until it is allowed to.
// The screens are looked at with quiet eyes only, because Playwright's own look counts as a touch.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { classroomScreen } from './support/browsers';
import { journey } from './support/journey';
import { enterCode, part, type RoomKey, rooms, signIn, startLesson, takePicture } from './support/school';
import { type Eyes, expectHears, expectPicture, quietEyes } from './support/witness';

const root = join(__dirname, '..', '..', '..');
const policyFile = '/etc/chromium/policies/managed/tongke-e2e.json';

test.describe('a classroom’s computer with the kiosk’s policies', () => {
  test.skip(process.getuid?.() !== 0, 'only root may write policies');
  const its = journey();

  test.beforeAll(() => {
    const policy = execFileSync(join(root, 'deploy/kiosk/tongke-kiosk'), ['policy', its.server.url]);
    mkdirSync(dirname(policyFile), { recursive: true });
    writeFileSync(policyFile, policy);
  });
  test.afterAll(() => rmSync(policyFile, { force: true }));

  test('shows, films and plays the lesson without a touch', async () => {
    const teacher = (await its.school.teacher()).page;
    const room = (await its.school.somebody({ who: 'room1', viewport: classroomScreen, strict: true })).page;
    const eyes = await quietEyes(room);
    await room.goto('/screen');
    await pairQuietly(await its.school.desk(), eyes, 'room1');
    await startLesson(teacher);
    await expectPicture(eyes, part('picture-teacher'), 'teacher');
    await expectPicture(teacher, part(`picture-${rooms.room1.id}`), 'room1');
    await expectHears(eyes, ['teacher']);
    expect(await isTouched(eyes)).toBe(false);
  });
});

test.describe('a classroom’s computer without policies', () => {
  const its = journey();
  let room: Page;
  let eyes: Eyes;

  test('wants to be touched once, while it waits for a lesson', async () => {
    // The person at the screen says yes when the browser asks.
    const permissions = ['camera', 'microphone'];
    room = (await its.school.somebody({ who: 'room1', viewport: classroomScreen, strict: true, permissions })).page;
    eyes = await quietEyes(room);
    await room.goto('/screen');
    await pairQuietly(await its.school.desk(), eyes, 'kindergarten');
    await expect.poll(() => shows(eyes, 'countdown')).toBe(true);
    await expect.poll(() => shows(eyes, 'touch-to-start')).toBe(true);
    expect(await isTouched(eyes)).toBe(false);
    await room.getByTestId('touch-to-start').click();
    await expect(room.getByTestId('touch-to-start')).toHaveCount(0);
    await takePicture(room, 'screen-waiting');
  });

  test('then it enters a lesson that was planned meanwhile, by itself and with sound', async () => {
    await planLesson(await its.school.desk(), '音乐·小星星', rooms.kindergarten.choice, '主讲教师（北海）');
    await expect(room.getByTestId('screen-live')).toBeVisible({ timeout: 40_000 });

    const teacher = (await its.school.somebody({ who: 'teacher' })).page;
    await signIn(teacher, 'teacher-kindergarten');
    await teacher.getByTestId('enter-lesson').click();
    await startLesson(teacher);
    await expectPicture(room, part('picture-teacher'), 'teacher');
    await expectHears(room, ['teacher']);
  });

  test('a screen that starts again in a lesson needs no touch: a page that films may sound', async () => {
    const restarted = await room.context().newPage();
    const fresh = await quietEyes(restarted);
    await restarted.goto('/screen');
    await expectPicture(fresh, part('picture-teacher'), 'teacher');
    await expect.poll(() => sounds(fresh)).toEqual(['plays']);
    expect(await shows(fresh, 'play-sound')).toBe(false);
    expect(await isTouched(fresh)).toBe(false);
    await restarted.close();
  });

  test('a screen without devices asks for one touch in the lesson, and then sounds', async () => {
    const bare = (await its.school.somebody({ viewport: classroomScreen, strict: true })).page;
    const fresh = await quietEyes(bare);
    await bare.goto('/screen');
    await pairQuietly(await its.school.desk(), fresh, 'kindergarten');
    await expectPicture(fresh, part('picture-teacher'), 'teacher');
    await expect.poll(() => shows(fresh, 'play-sound')).toBe(true);
    expect(await sounds(fresh)).toEqual(['is blocked']);
    await takePicture(bare, 'screen-sound-blocked');
    await bare.getByTestId('play-sound').click();
    await expectHears(bare, ['teacher']);
    await expect(bare.getByTestId('play-sound')).toHaveCount(0);
  });
});

function shows(eyes: Eyes, id: string): Promise<boolean> {
  return eyes.evaluate((selector) => document.querySelector(selector) !== null, part(id));
}

/** What the audio elements of a page do. */
function sounds(eyes: Eyes): Promise<string[]> {
  return eyes.evaluate(
    () =>
      [...((window as unknown as { tongkeSounds: Set<HTMLAudioElement> }).tongkeSounds ?? [])]
        .filter((element) => element.srcObject)
        .map((element) => (element.paused ? 'is blocked' : 'plays')),
    null,
  );
}

function isTouched(eyes: Eyes): Promise<boolean> {
  return eyes.evaluate(() => navigator.userActivation.hasBeenActive, null);
}

async function pairQuietly(desk: Page, eyes: Eyes, room: RoomKey): Promise<void> {
  const code = () =>
    eyes.evaluate((selector) => document.querySelector(selector)?.getAttribute('data-code'), part('pairing-code'));
  await expect.poll(code).toMatch(/^[A-Z0-9]{6}$/);
  await enterCode(desk, (await code()) ?? '', room);
  await expect(desk.getByTestId('paired')).toContainText(rooms[room].name);
}

/** The scheduler plans a lesson that starts now. */
async function planLesson(desk: Page, title: string, classroom: string, teacher: string): Promise<void> {
  await desk.getByTestId('tab-lessons').click();
  await desk.getByTestId('new-lesson').click();
  const form = desk.getByTestId('lesson-form');
  await form.getByTestId('lesson-title').fill(title);
  await form.getByTestId('lesson-teacher').click();
  await desk.keyboard.type(teacher);
  await desk.keyboard.press('Enter');
  await form.getByTestId('lesson-classrooms').click();
  await desk.keyboard.type(classroom);
  await desk.keyboard.press('Enter');
  await form.getByTestId('lesson-title').click();
  const now = new Date().toLocaleTimeString('en-GB', { timeZone: 'Asia/Shanghai' }).slice(0, 5);
  await form.getByTestId('lesson-start').fill(now);
  await takePicture(desk, 'scheduler-new-lesson');
  await form.getByTestId('lesson-create').click();
  await expect(form).toHaveCount(0);
  await expect(desk.getByTestId('lessons')).toContainText(title);
  await takePicture(desk, 'scheduler-lessons');
}
