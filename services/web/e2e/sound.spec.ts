// A teacher on a bad line: the voice is repeated on its way up, and the lesson goes on as it was.
import { expect, type Page, test } from '@playwright/test';
import { journey } from './support/journey';
import { part, startLesson } from './support/school';
import { missingOf, soundOf } from './support/uplink';
import { expectHears, expectPicture } from './support/witness';

/** Octets of a packet: a frame of the teacher's tone has 81. */
const once = 110;
const twice = 140;

test.describe('the sound of a teacher whose line loses packets', () => {
  const its = journey({ badNetwork: true });
  let teacher: Page;
  let room: Page;
  let flowsOfRoom: Set<string>;

  /** On a busy computer a page may join anew, over another flow. */
  const lose = (share: number) =>
    its.network.media.impair(
      [...its.network.media.flows()].filter((flow) => !flowsOfRoom.has(flow)),
      { loss: share },
    );

  test.beforeAll(async () => {
    teacher = (await its.school.teacher({ who: 'teacher', measured: true })).page;
    await expect(teacher.getByTestId('media-state')).toContainText('已连通');
    const before = its.network.media.flows();
    room = (await its.school.screen('room1', { measured: true })).page;
    await expect(room.getByTestId('screen-live')).toHaveAttribute('data-media', 'connected');
    flowsOfRoom = new Set([...its.network.media.flows()].filter((flow) => !before.has(flow)));
    await startLesson(teacher);
    await expectHears(room, ['teacher']);
    await expect.poll(() => soundOf(teacher), { timeout: 40_000 }).toBeLessThan(once);
  });

  test('is sent twice while packets are lost, and hardly anything is missing in the classroom', async () => {
    const sound = () => {
      lose(0.1);
      return soundOf(teacher);
    };
    await expect.poll(sound, { timeout: 40_000 }).toBeGreaterThan(twice);
    expect(await missingOf(room)).toBeLessThan(0.01);
    await expectHears(room, ['teacher']);
    await expectPicture(room, part('picture-teacher'), 'teacher');
  });

  test('is sent once again when the line has recovered', async () => {
    lose(0);
    await expect.poll(() => soundOf(teacher), { timeout: 40_000 }).toBeLessThan(once);
    await expectHears(room, ['teacher']);
    await expectPicture(room, part('picture-teacher'), 'teacher');
  });
});
