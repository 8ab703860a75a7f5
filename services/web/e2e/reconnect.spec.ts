// What breaks in schools every day: a page is reloaded, a cable is pulled for ten seconds.
import { expect, type Page, test } from '@playwright/test';
import { phone } from './support/browsers';
import { journey } from './support/journey';
import { readLog } from './support/log';
import { lessonOf, linesOf, pagesOf, part, post, rooms, startLesson, takePicture } from './support/school';
import { expectHears, expectPicture } from './support/witness';

test.describe('a lesson on a bad day', () => {
  const its = journey({ badNetwork: true });
  let teacher: Page;
  let room: Page;
  /** An assistant whose own line stays up. */
  let assistant: Page;
  let lessonId: string;

  test.beforeAll(async () => {
    [teacher, room] = await pagesOf(its.school.teacher(), its.school.screen('room1'));
    lessonId = lessonOf(teacher);
    assistant = await its.school.guest('assistant', { url: its.server.url, viewport: phone });
    await expect(assistant.getByTestId('assistant-lesson')).toBeVisible();
    await startLesson(teacher);
    await expectPicture(room, part('picture-teacher'), 'teacher');
    await expectPicture(teacher, part(`picture-${rooms.room1.id}`), 'room1');
  });

  test('a teacher who reloads the page is back in the lesson, seen and heard', async () => {
    await post(teacher, '重新加载之前');
    await teacher.reload();
    await expect(teacher.getByTestId('live')).toBeVisible();
    await expectPicture(room, part('picture-teacher'), 'teacher');
    await expectHears(room, ['teacher']);
    await expectPicture(teacher, part(`picture-${rooms.room1.id}`), 'room1');
    await expect.poll(() => linesOf(teacher)).toEqual(['重新加载之前']);
  });

  test('a screen that is reloaded is the same classroom, with its hand still up', async () => {
    await room.keyboard.press('Space');
    await expect(teacher.getByTestId('hand-queue').getByTestId('hand')).toHaveCount(1);
    await room.reload();
    await expect(room.getByTestId('hand')).toHaveAttribute('data-raised', 'true');
    await expectPicture(room, part('picture-teacher'), 'teacher');
    await expectPicture(teacher, part(`picture-${rooms.room1.id}`), 'room1');
    await expect(teacher.getByTestId('hand-queue').getByTestId('hand')).toHaveCount(1);
    await expect(teacher.getByTestId('rooms-present')).toContainText('1 / 2');
  });

  test('a cut of ten seconds is said at both ends', async () => {
    const pulled = Date.now();
    its.network.cut(true);
    await post(assistant, '断网时，助教说');
    await post(teacher, '断网时，老师说');
    await room.keyboard.press('Space');
    await expect(
      teacher.getByTestId('banner-media-reconnecting').or(teacher.getByTestId('banner-reconnecting')),
    ).toBeVisible();
    await expect(teacher.getByTestId('sending')).toBeVisible();
    await expect(room.getByTestId('connection-state')).not.toBeEmpty();
    await expect(assistant.getByTestId('teacher-state')).toContainText('正在重新连接');
    await expect(teacher.getByTestId('banner-reconnecting')).toBeVisible();
    await takePicture(teacher, 'teacher-cut');
    await takePicture(room, 'screen-cut');
    await expect.poll(() => Date.now() - pulled).toBeGreaterThan(10_000);
    its.network.cut(false);
  });

  test('after the cut sound and picture come back by themselves', async () => {
    await expect(teacher.getByTestId('banner-reconnecting')).toBeHidden();
    await expect(room.getByTestId('connection-state')).toBeEmpty();
    await expectPicture(room, part('picture-teacher'), 'teacher');
    await expectPicture(teacher, part(`picture-${rooms.room1.id}`), 'room1');
    await expectHears(room, ['teacher']);
  });

  test('no event is lost or doubled, and nobody became somebody else', async () => {
    await expect(teacher.getByTestId('hand-queue').getByTestId('hand')).toHaveCount(0);
    const said = ['重新加载之前', '断网时，助教说', '断网时，老师说'];
    await expect.poll(() => linesOf(teacher)).toEqual(said);
    await expect.poll(() => linesOf(assistant)).toEqual(said);

    const log = await readLog(its.server.url, lessonId);
    expect(log.map(({ ordinal }) => ordinal)).toEqual(log.map((_, i) => i + 2));
    expect(log.filter(({ kind }) => kind === 'chatPosted').map(({ value }) => value.text)).toEqual(said);
    expect(log.filter(({ kind }) => kind === 'handRaised')).toHaveLength(1);
    expect(log.filter(({ kind }) => kind === 'handLowered')).toHaveLength(1);
    expect(log.filter(({ kind }) => kind === 'lessonStarted')).toHaveLength(1);
    const joined = log.filter(({ kind }) => kind === 'participantJoined');
    const names = new Set(joined.map(({ value }) => (value.participant as { participantId: string }).participantId));
    expect([...names].sort()).toEqual(
      ['psn_demo_assistant', 'psn_demo_observer', 'psn_demo_teacher', rooms.room1.id].sort(),
    );
  });
});
