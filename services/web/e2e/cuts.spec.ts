// Short and long cuts of the network: who comes back is who went, what was pressed arrives once, media is back at once.
import { expect, type Page, test } from '@playwright/test';
import { phone } from './support/browsers';
import { type FrameWatch, watchFrames } from './support/frames';
import { journey } from './support/journey';
import { readLog } from './support/log';
import { lessonOf, linesOf, pagesOf, part, post, rooms, startLesson } from './support/school';
import { expectHears, expectPicture } from './support/witness';

const cuts = [
  // Within the patience of everything but media.
  { seconds: 3, mostMs: 4_000 },
  // Beyond the patience of the streams: the server has said that teacher and classroom are gone.
  { seconds: 30, mostMs: 6_000 },
];

for (const { seconds, mostMs } of cuts) {
  test.describe(`a cut of ${seconds} seconds`, () => {
    const its = journey({ badNetwork: true });
    let teacher: Page;
    let room: Page;
    /** An assistant whose own line stays up. */
    let assistant: Page;
    let watches: Record<string, FrameWatch>;
    const teacherIn = part('picture-teacher');
    const roomIn = part(`picture-${rooms.room1.id}`);

    test.beforeAll(async () => {
      [teacher, room] = await pagesOf(its.school.teacher(), its.school.screen('room1'));
      assistant = await its.school.guest('assistant', { url: its.server.url, viewport: phone });
      await expect(assistant.getByTestId('assistant-lesson')).toBeVisible();
      await startLesson(teacher);
      await expectPicture(room, teacherIn, 'teacher');
      await expectPicture(teacher, roomIn, 'room1');
      watches = {
        'the teacher on the screen': await watchFrames(room, teacherIn),
        'the classroom on the teacher’s page': await watchFrames(teacher, roomIn),
      };
    });

    test('pictures are back at once when the network is', async () => {
      const cutAt = Date.now();
      its.network.cut(true);
      await post(assistant, '断网时，助教说');
      await post(teacher, '断网时，老师说');
      await room.keyboard.press('Space');
      const until = { timeout: 2 * seconds * 1_000, intervals: [20] };
      await expect.poll(() => Date.now() - cutAt, until).toBeGreaterThan(seconds * 1_000);
      its.network.cut(false);
      const backAt = Date.now();
      for (const [what, watch] of Object.entries(watches)) {
        expect(await watch.lastBefore(backAt), `${what} stopped`).toBeLessThan(cutAt + 1_500);
        const ms = (await watch.firstAfter(backAt)) - backAt;
        test.info().annotations.push({ type: 'back after', description: `${what}: ${ms} ms` });
        console.log(`after a cut of ${seconds} s, ${what} is back in ${ms} ms`);
        expect.soft(ms, what).toBeLessThan(mostMs);
      }
    });

    test('sound and picture go on by themselves, at both ends', async () => {
      await expectPicture(room, teacherIn, 'teacher');
      await expectPicture(teacher, roomIn, 'room1');
      await expectHears(room, ['teacher']);
      await expect(teacher.getByTestId('banner-reconnecting')).toBeHidden();
      await expect(room.getByTestId('connection-state')).toBeEmpty();
    });

    test('no event is lost or doubled, and nobody became somebody else', async () => {
      const said = ['断网时，助教说', '断网时，老师说'];
      await expect.poll(() => linesOf(teacher)).toEqual(said);
      await expect.poll(() => linesOf(assistant)).toEqual(said);
      await expect(teacher.getByTestId('hand-queue').getByTestId('hand')).toHaveCount(1);
      await expect(room.getByTestId('hand')).toHaveAttribute('data-raised', 'true');
      await expect(teacher.getByTestId('rooms-present')).toContainText('1 / 2');

      const log = await readLog(its.server.url, lessonOf(teacher));
      expect(log.map(({ ordinal }) => ordinal)).toEqual(log.map((_, i) => i + 2));
      const of = (kind: string) => log.filter((event) => event.kind === kind);
      expect(of('chatPosted').map(({ value }) => value.text)).toEqual(said);
      expect(of('handRaised').map(({ value }) => value.participantId)).toEqual([rooms.room1.id]);
      expect(of('handLowered')).toHaveLength(0);
      expect(of('lessonStarted')).toHaveLength(1);
      const joined = of('participantJoined').map(({ value }) => value.participant as { participantId: string });
      expect([...new Set(joined.map(({ participantId }) => participantId))].sort()).toEqual(
        ['psn_demo_assistant', 'psn_demo_observer', 'psn_demo_teacher', rooms.room1.id].sort(),
      );
    });
  });
}
