// The operator sees who is missing, and at whose line packets are lost, with the next action in words.
import { expect, type Page, test } from '@playwright/test';
import { journey } from './support/journey';
import { part, rooms, startLesson, takePicture } from './support/school';
import { expectPicture } from './support/witness';

test.describe('the operator’s board', () => {
  const its = journey({ badNetwork: true });
  let operator: Page;
  let flowsOfRoom: string[];

  test.beforeAll(async () => {
    const teacher = (await its.school.teacher()).page;
    await expect(teacher.getByTestId('media-state')).toContainText('已连通');
    const before = its.network.media.flows();
    const room = (await its.school.screen('room1')).page;
    await expect(room.getByTestId('screen-live')).toHaveAttribute('data-media', 'connected');
    flowsOfRoom = [...its.network.media.flows()].filter((flow) => !before.has(flow));
    await startLesson(teacher);
    await expectPicture(room, part('picture-teacher'), 'teacher');
    operator = await its.school.guest('operator');
  });

  test('names the classroom that is expected and not there, before everything else', async () => {
    const absence = operator.getByTestId('absence');
    await expect(absence).toHaveCount(1);
    await expect(absence).toContainText(rooms.room2.name);
    await expect(operator.getByTestId('absences')).toContainText('打电话给教室');
  });

  test('shows no loss on a line that is well', async () => {
    const row = operator.getByRole('row', { name: rooms.room1.name });
    await expect(row).toContainText('UDP');
    await expect.poll(() => lossUp(operator, rooms.room1.name)).toBeLessThan(1);
    await expect(problemOf(operator, rooms.room1.name).filter({ hasText: '丢包' })).toHaveCount(0);
    await takePicture(operator, 'operator-absence');
  });

  test('sees the loss of 10 % at the right participant, and says what to do', async () => {
    its.network.media.impair(flowsOfRoom, { loss: 0.1 });
    const problem = problemOf(operator, rooms.room1.name);
    await expect(problem).toContainText('丢包', { timeout: 40_000 });
    await expect(problem).toContainText('教室网络');
    await expect(problem).toContainText('网线');
    await expect.poll(() => lossUp(operator, rooms.room1.name)).toBeGreaterThan(5);
    await expect.poll(() => lossUp(operator, rooms.room1.name)).toBeLessThan(20);
    await expect(problemOf(operator, '主讲教师（四中）').filter({ hasText: '丢包' })).toHaveCount(0);
    await takePicture(operator, 'operator-loss');
  });

  test('sees that the line has recovered', async () => {
    its.network.media.impair(flowsOfRoom, {});
    await expect(problemOf(operator, rooms.room1.name).filter({ hasText: '丢包' })).toHaveCount(0, { timeout: 40_000 });
    await expect.poll(() => lossUp(operator, rooms.room1.name)).toBeLessThan(1);
  });
});

/** Percent of packets lost from a participant to the relay, as the board shows it. */
async function lossUp(operator: Page, name: string): Promise<number> {
  const row = await operator.getByRole('row', { name }).textContent();
  return Number(/([\d.]+)% \//.exec(row ?? '')?.[1]);
}

function problemOf(operator: Page, name: string) {
  return operator.getByTestId('problem').filter({ hasText: name });
}
