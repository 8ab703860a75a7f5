// The main job: a teacher at one campus and two branch classrooms see, hear and talk to each other.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { classroomScreen } from './support/browsers';
import { journey } from './support/journey';
import { picture } from './support/media';
import { codeOn, endLesson, enterCode, part, post, rooms, startLesson, takePicture } from './support/school';
import { expectHears, expectPicture, readPicture } from './support/witness';

test.describe('a lesson of a teacher and two branch classrooms', () => {
  const its = journey();
  let teacher: Page;
  let room1: Page;
  let room2: Page;

  async function screenPairedAt(desk: Page, room: 'room1' | 'room2'): Promise<Page> {
    const { page } = await its.school.somebody({ who: room, viewport: classroomScreen });
    await page.goto('/screen');
    await enterCode(desk, await codeOn(page), room);
    await expect(desk.getByTestId('paired')).toContainText(rooms[room].name);
    await expect(page.getByTestId('screen-live')).toBeVisible();
    return page;
  }

  test('the teacher checks camera and microphone and waits for the classrooms', async () => {
    teacher = (await its.school.teacher()).page;
    await expectPicture(teacher, part('own-preview'), 'teacher');
    await expect(teacher.getByTestId('mic-level')).toBeVisible();
    await expect(teacher.getByTestId('rooms-present')).toContainText('0 / 2');
    await takePicture(teacher, 'teacher-waiting');
  });

  test('a screen shows a code, is paired by the scheduler, and enters the lesson by itself', async () => {
    room1 = await screenPairedAt(await its.school.desk(), 'room1');
    await expect(room1.getByTestId('no-teacher')).toBeVisible();
    room2 = await screenPairedAt(await its.school.desk(), 'room2');
    await expect(teacher.getByTestId('rooms-present')).toContainText('2 / 2');
    await takePicture(room1, 'screen-waiting-for-teacher');
  });

  test('each sees the others when the lesson starts', async () => {
    await startLesson(teacher);
    await expectPicture(room1, part('picture-teacher'), 'teacher');
    await expectPicture(room2, part('picture-teacher'), 'teacher');
    await expectPicture(teacher, part(`picture-${rooms.room1.id}`), 'room1');
    await expectPicture(teacher, part(`picture-${rooms.room2.id}`), 'room2');
    await expectPicture(room1, part('picture-peer'), 'room2');
    await expectPicture(room2, part('picture-peer'), 'room1');
  });

  test('the classrooms hear the teacher, and the teacher hears no classroom yet', async () => {
    await expectHears(room1, ['teacher']);
    await expectHears(room2, ['teacher']);
    await expectHears(teacher, []);
    await expect(teacher.getByTestId('mic-state')).toHaveAttribute('data-open', 'true');
  });

  test('the space key raises the hand, and it stands in the teacher’s queue', async () => {
    await room1.keyboard.press('Space');
    await expect(room1.getByTestId('hand')).toHaveAttribute('data-raised', 'true');
    const hand = teacher.getByTestId('hand-queue').getByTestId('hand');
    await expect(hand).toHaveCount(1);
    await expect(hand).toContainText(rooms.room1.name);
  });

  test('the classroom that is called on is large and heard at both campuses', async () => {
    await teacher.getByTestId('call-on').click();
    await expect(room1.getByTestId('on-stage')).toBeVisible();
    await expect(room1.getByTestId('microphone')).toHaveAttribute('data-heard', 'true');

    const atTeacher = `[data-testid="stage-picture"][data-participant="${rooms.room1.id}"] video`;
    await expectPicture(teacher, atTeacher, 'room1');
    await expect.poll(() => widthOf(teacher, atTeacher)).toBeGreaterThan(1366 * 0.3);
    const atRoom2 = `[data-role="peer"][data-stage="true"] video`;
    await expectPicture(room2, atRoom2, 'room1');
    await expect.poll(() => widthOf(room2, atRoom2)).toBeGreaterThan(1920 * 0.35);
    await expect
      .poll(async () => (await readPicture(room2, atRoom2))?.height ?? 0, { timeout: 40_000 })
      .toBeGreaterThanOrEqual(270);

    await expectHears(teacher, ['room1']);
    await expectHears(room2, ['teacher', 'room1']);
    await expectHears(room1, ['teacher']);
    await post(teacher, '请高一（1）班回答：荷塘的月色是什么样的？');
    await expect(room1.getByTestId('chat-ticker')).toContainText('荷塘的月色');
    await room2.keyboard.press('Space');
    await expect(teacher.getByTestId('hand-queue').getByTestId('hand')).toContainText(rooms.room2.name);
    await readmePictures(teacher, room2);
    await room2.keyboard.press('Space');
    await expect(teacher.getByTestId('hand-queue').getByTestId('hand')).toHaveCount(0);
    await takePicture(room1, 'screen-on-stage');
  });

  test('muted by the teacher, the classroom falls silent everywhere and its screen says so', async () => {
    const tile = teacher.locator(`${part('tile')}[data-participant="${rooms.room1.id}"]`);
    await tile.getByTestId('tile-audio').click();
    await expect(room1.getByTestId('microphone')).toContainText('老师关了你们的麦克风');
    await expect(room1.getByTestId('microphone')).toHaveAttribute('data-heard', 'false');
    await expectHears(room2, ['teacher']);
    await expectHears(teacher, []);
  });

  test('the teacher’s own mute silences the teacher, and says so', async () => {
    await teacher.getByTestId('toggle-mic').click();
    await expect(teacher.getByTestId('mic-state')).toContainText('您已静音');
    await expectHears(room1, []);
    await teacher.getByTestId('toggle-mic').click();
    await expectHears(room1, ['teacher']);
  });

  test('off stage, the classroom is small again', async () => {
    const tile = teacher.locator(`${part('tile')}[data-participant="${rooms.room1.id}"]`);
    await tile.getByTestId('tile-stage').click();
    await expect(room1.getByTestId('on-stage')).toBeHidden();
    await expectPicture(room2, '[data-role="peer"][data-stage="false"] video', 'room1');
  });

  test('when the lesson ends, everybody is let go and the attendance is there', async () => {
    await endLesson(teacher);
    await expect(teacher.getByTestId('summary')).toBeVisible();
    await expect(teacher.getByTestId('attendance')).toContainText(rooms.room1.name);
    await expect(teacher.getByTestId('attendance')).toContainText(rooms.room2.name);
    await expect(room1.getByTestId('lesson-ended')).toBeVisible();
    await takePicture(teacher, 'teacher-summary');
    await takePicture(room1, 'screen-ended');
  });
});

async function widthOf(page: Page, selector: string): Promise<number> {
  return (await page.locator(selector).boundingBox())?.width ?? 0;
}

/** The README's pictures; written into docs/images on request only, because they differ a little in each run. */
async function readmePictures(teacher: Page, screen: Page): Promise<void> {
  await takePicture(teacher, 'teacher-live');
  await takePicture(screen, 'screen-live');
  if (!process.env.README_PICTURES) return;
  for (const [page, selector] of [
    [teacher, `${part('stage-picture')} ${part(`picture-${rooms.room1.id}`)}`],
    [screen, part('picture-peer')],
    [screen, part('picture-teacher')],
  ] as const) {
    await expect
      .poll(async () => (await readPicture(page, selector))?.height, { timeout: 60_000 })
      .toBe(picture.height);
  }
  const images = join(__dirname, '..', '..', '..', 'docs', 'images');
  mkdirSync(images, { recursive: true });
  await teacher.screenshot({ path: join(images, 'teacher.png') });
  await screen.screenshot({ path: join(images, 'classroom.png') });
}
