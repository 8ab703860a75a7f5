// The assistant teacher in the classroom holds a phone: a second pair of hands.
import { expect, type Page, test } from '@playwright/test';
import { phone } from './support/browsers';
import { journey } from './support/journey';
import { linesOf, pagesOf, part, post, rooms, signIn, startLesson, takePicture } from './support/school';
import { expectPicture } from './support/witness';

test.describe('the assistant’s phone', () => {
  const its = journey();
  let teacher: Page;
  let room: Page;
  let assistant: Page;

  test.beforeAll(async () => {
    [teacher, room, assistant] = await pagesOf(
      its.school.teacher(),
      its.school.screen('room1'),
      its.school.somebody({ viewport: phone, touch: true }),
    );
    await signIn(assistant, 'assistant');
    await expect(assistant.getByTestId('assistant-lesson')).toBeVisible();
  });

  test('is in the lesson of its campus by itself, and knows who is there', async () => {
    await expect(assistant.getByTestId('teacher-state')).toContainText('主讲教师在线');
    await expect(assistant.getByTestId('room-state')).toContainText(rooms.room1.name);
    await expect(assistant.getByTestId('room-state')).toContainText('画面和声音正常');
    await expect(assistant.getByTestId('hand')).toBeDisabled();
    await takePicture(assistant, 'assistant-waiting');
    await startLesson(teacher);
    await expectPicture(room, part('picture-teacher'), 'teacher');
  });

  test('fits the screen without scrolling sideways', async () => {
    const wide = await assistant.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
  });

  test('raises the hand of its classroom', async () => {
    await assistant.getByTestId('hand').tap();
    await expect(assistant.getByTestId('hand')).toHaveAttribute('data-raised', 'true');
    await expect(teacher.getByTestId('hand-queue').getByTestId('hand')).toContainText(rooms.room1.name);
    await expect(room.getByTestId('hand')).toHaveAttribute('data-raised', 'true');
    await takePicture(assistant, 'assistant-hand');
  });

  test('follows its classroom onto the stage and takes it off again', async () => {
    await teacher.getByTestId('call-on').click();
    await expect(assistant.getByTestId('room-on-stage')).toContainText('全班能听到');
    await expect(room.getByTestId('on-stage')).toBeVisible();
    await assistant.getByTestId('off-stage').tap();
    await expect(room.getByTestId('on-stage')).toBeHidden();
    await expect(assistant.getByTestId('hand')).toBeEnabled();
  });

  test('counts heads', async () => {
    await assistant.getByTestId('head-count').fill('38');
    await assistant.getByTestId('head-count-save').tap();
    await expect(teacher.locator(`[data-participant="${rooms.room1.id}"]`).getByTestId('tile-count')).toHaveText(
      '38 人',
    );
    await expect(room.getByTestId('head-count')).toContainText('38 人到课');
  });

  test('answers a poll for its classroom', async () => {
    await teacher.getByTestId('tab-poll').click();
    await teacher.getByTestId('poll-open').click();
    await assistant.getByTestId('poll-option-1').fill('30');
    await assistant.getByTestId('poll-option-2').fill('8');
    await assistant.getByTestId('poll-send').tap();
    await expect(teacher.getByTestId('poll-total')).toHaveText(['30', '8']);
    await takePicture(assistant, 'assistant-poll');
    await teacher.getByTestId('poll-close').click();
    await expect(room.getByTestId('poll-result')).toBeVisible();
    await takePicture(room, 'screen-poll-result');
    await takePicture(teacher, 'teacher-poll');
  });

  test('writes to the class', async () => {
    await post(assistant, '同学们都准备好了');
    await teacher.getByTestId('tab-chat').click();
    await expect.poll(() => linesOf(teacher)).toEqual(['同学们都准备好了']);
  });

  test('ends the lesson when the teacher’s computer has died', async () => {
    await expect(assistant.getByTestId('end-lesson')).toHaveCount(0);
    await its.school.dies(teacher);
    await expect(room.getByTestId('teacher-reconnecting')).toBeVisible();
    await takePicture(room, 'screen-teacher-reconnecting');
    await assistant.getByTestId('end-lesson').tap();
    await expect(assistant.getByRole('tooltip')).toContainText('结束后不能重新开始');
    await takePicture(assistant, 'assistant-end');
    await assistant.getByRole('button', { name: '结束课堂' }).last().tap();
    await expect(room.getByTestId('lesson-ended')).toBeVisible();
  });
});
