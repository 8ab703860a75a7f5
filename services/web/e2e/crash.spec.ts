// The power fails in the middle of a lesson: the process dies without a word, and starts again on the same data.
import { expect, type Page, test } from '@playwright/test';
import { phone } from './support/browsers';
import { journey } from './support/journey';
import { readLog } from './support/log';
import { endLesson, lessonOf, linesOf, pagesOf, part, post, rooms, startLesson, takePicture } from './support/school';
import { expectHears, expectPicture } from './support/witness';

test.describe('a lesson whose server is killed and started again', () => {
  const its = journey();
  let teacher: Page;
  let room: Page;
  let assistant: Page;
  let lessonId: string;

  test.beforeAll(async () => {
    [teacher, room] = await pagesOf(its.school.teacher(), its.school.screen('room1'));
    lessonId = lessonOf(teacher);
    assistant = await its.school.guest('assistant', { viewport: phone });
    await startLesson(teacher);
    await expectPicture(room, part('picture-teacher'), 'teacher');
  });

  test('hands, head-counts, chat and a poll are under way', async () => {
    await room.keyboard.press('Space');
    await expect(teacher.getByTestId('hand-queue').getByTestId('hand')).toHaveCount(1);
    await room.getByTestId('head-count').click();
    await room.getByTestId('head-count-card').getByText('+10').click();
    await room.getByTestId('head-count-save').click();
    await expect(teacher.getByTestId('tile-count').first()).toHaveText('10 人');
    await post(teacher, '停电之前');
    await teacher.getByTestId('tab-poll').click();
    await teacher.getByTestId('poll-question').fill('荷塘的月色美吗？');
    await teacher.getByTestId('poll-open').click();
    await answerPoll(room, [7, 3]);
    await expect(teacher.getByTestId('poll-total')).toHaveText(['7', '3']);
  });

  test('while the server is dead, everybody is told, and what is pressed waits', async () => {
    await its.server.kill();
    await expect(teacher.getByTestId('banner-reconnecting')).toBeVisible();
    await expect(room.getByTestId('connection-state')).not.toBeEmpty();
    await teacher.getByTestId('tab-chat').click();
    await post(teacher, '停电的时候');
    await expect(teacher.getByTestId('sending')).toBeVisible();
    await takePicture(teacher, 'teacher-server-dead');
    await takePicture(room, 'screen-server-dead');
  });

  test('after the restart the lesson goes on: sound and picture come back by themselves', async () => {
    await its.server.restart();
    await expect(teacher.getByTestId('banner-reconnecting')).toBeHidden();
    await expectPicture(room, part('picture-teacher'), 'teacher', 30_000);
    await expectPicture(teacher, part(`picture-${rooms.room1.id}`), 'room1');
    await expectHears(room, ['teacher']);
  });

  test('hands, head-counts, chat, poll answers and attendance are all there, and nothing twice', async () => {
    await expect(teacher.getByTestId('hand-queue').getByTestId('hand')).toHaveCount(1);
    await expect(room.getByTestId('hand')).toHaveAttribute('data-raised', 'true');
    await expect(teacher.getByTestId('tile-count').first()).toHaveText('10 人');
    await expect.poll(() => linesOf(teacher)).toEqual(['停电之前', '停电的时候']);
    await expect.poll(() => linesOf(assistant)).toEqual(['停电之前', '停电的时候']);
    await teacher.getByTestId('tab-poll').click();
    await expect(teacher.getByTestId('poll-total')).toHaveText(['7', '3']);
    await answerPoll(room, [8, 2]);
    await expect(teacher.getByTestId('poll-total')).toHaveText(['8', '2']);
    await teacher.getByTestId('poll-close').click();
    await expect(room.getByTestId('poll-result')).toBeVisible();
    await takePicture(teacher, 'teacher-poll');
    await takePicture(room, 'screen-poll-result');

    const log = await readLog(its.server.url, lessonId);
    expect(log.map(({ ordinal }) => ordinal)).toEqual(log.map((_, i) => i + 2));
    expect(log.filter(({ kind }) => kind === 'handRaised')).toHaveLength(1);
    expect(log.filter(({ kind }) => kind === 'lessonStarted')).toHaveLength(1);
    expect(log.filter(({ kind }) => kind === 'pollAnswered')).toHaveLength(2);
  });

  test('the lesson ends as planned, with the attendance of both lives of the server', async () => {
    await endLesson(teacher);
    const line = teacher.getByTestId('attendance').getByRole('row', { name: rooms.room1.name });
    await expect(line).toContainText('10');
    await expect(teacher.getByTestId('attendance').getByRole('row', { name: rooms.room2.name })).toContainText(
      '没有到场',
    );
  });
});

/** Counts hands with the screen's buttons until they are as given, and sends them. */
async function answerPoll(screen: Page, counts: number[]): Promise<void> {
  for (const [i, count] of counts.entries()) {
    const stepper = screen.getByTestId(`poll-option-${i + 1}`);
    for (;;) {
      const now = Number(await stepper.getByRole('status').textContent());
      if (now === count) break;
      await stepper
        .getByRole('button')
        .nth(now < count ? 1 : 0)
        .click();
    }
  }
  await screen.getByTestId('poll-send').click();
  await expect(screen.getByTestId('poll')).toContainText('已提交');
}
