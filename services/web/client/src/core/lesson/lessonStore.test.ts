// @vitest-environment node
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Code } from '@connectrpc/connect';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EndReason, LessonPhase } from '../../gen/tongke/classroom/v1/event_pb';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import { createApi } from '../api';
import { ServerClock } from '../clock';
import { eventOf, FakeLesson, faultError, otherRoomId, roomId, unavailable } from '../testing/fakeLesson';
import { LessonStore, silenceMs } from './lessonStore';
import { placeInQueue } from './look';

describe('LessonStore', () => {
  let fake: FakeLesson;
  let clock: ServerClock;
  let store: LessonStore;

  beforeEach(() => {
    vi.useFakeTimers();
    fake = new FakeLesson();
    clock = new ServerClock();
    store = new LessonStore({ api: createApi(fake.transport), clock, lessonId: 'lsn_1', windowId: 'window-1' });
  });
  afterEach(() => {
    store.stop();
    vi.useRealTimers();
  });

  const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  const status = () => store.getSnapshot().status.kind;
  const ordinal = () => Number(store.getSnapshot().state?.ordinal ?? 0n);
  const start = async () => {
    store.start();
    await settle();
  };

  it('shows the snapshot, then applies each event', async () => {
    expect(status()).toBe('connecting');
    await start();
    expect(status()).toBe('live');
    expect(store.getSnapshot().selfId).toBe(roomId);
    fake.happens({ case: 'lessonStarted', value: {} });
    await settle();
    expect(store.getSnapshot().state?.phase).toBe(LessonPhase.LIVE);
  });

  it('ignores an event that it has already', async () => {
    await start();
    const event = fake.happens({ case: 'chatPosted', value: { text: '你好' } }, roomId);
    fake.say({ case: 'event', value: event });
    await settle();
    expect(store.getSnapshot().state?.chat).toHaveLength(1);
    expect(fake.attends).toHaveLength(1);
  });

  it('opens the stream again from its last ordinal when an event is missing', async () => {
    await start();
    fake.log.push(eventOf(2, { case: 'lessonStarted', value: {} }));
    fake.happens({ case: 'handRaised', value: { participantId: roomId } });
    await settle(500);
    expect(fake.attends[1]).toMatchObject({ fromOrdinal: 1n, takeOver: false });
    expect(ordinal()).toBe(3);
    expect(store.getSnapshot().state?.phase).toBe(LessonPhase.LIVE);
  });

  it('resumes without gap or repeat after a cut, and only the first opening takes over', async () => {
    await start();
    fake.cut(unavailable());
    await settle();
    expect(status()).toBe('reconnecting');
    fake.happens({ case: 'chatPosted', value: { text: 'a' } }, roomId);
    fake.happens({ case: 'chatPosted', value: { text: 'b' } }, roomId);
    await settle(1_000);
    expect(status()).toBe('live');
    expect(store.getSnapshot().state?.chat.map((line) => line.text)).toEqual(['a', 'b']);
    expect(fake.attends.map((one) => one.takeOver)).toEqual([true, false]);
    expect(new Set(fake.attends.map((one) => one.windowId))).toEqual(new Set(['window-1']));
  });

  it('gives a silent stream up after 6 s', async () => {
    await start();
    fake.silence();
    await settle(silenceMs - 1);
    expect(status()).toBe('live');
    await settle(1_000);
    expect(fake.attends).toHaveLength(2);
  });

  it('opens the next stream at once when one was silent from its beginning', async () => {
    await start();
    await settle(silenceMs + 300); // The first was heard of before: there is a short wait.
    expect(fake.attends).toHaveLength(2);
    await settle(4 * silenceMs);
    expect(fake.attends).toHaveLength(6);
  });

  it('is kept alive by heartbeats, which also set the clock', async () => {
    await start();
    fake.serverTimeMs = Date.now() + 3_600_000;
    for (let i = 0; i < 10; i++) {
      fake.heartbeat();
      await settle(2_000);
      fake.serverTimeMs += 2_000;
    }
    expect(fake.attends).toHaveLength(1);
    expect(Math.abs(clock.now() - fake.serverTimeMs)).toBeLessThan(50);
  });

  it('opens again when two heartbeats in a row know of more than it has', async () => {
    await start();
    fake.log.push(eventOf(2, { case: 'lessonStarted', value: {} }));
    fake.heartbeat();
    await settle();
    expect(fake.attends).toHaveLength(1);
    fake.heartbeat();
    await settle(500);
    expect(fake.attends).toHaveLength(2);
    expect(ordinal()).toBe(2);
  });

  it('begins again with a snapshot when the log does not reach its ordinal', async () => {
    await start();
    fake.attendErrors.push(faultError(Code.OutOfRange, Reason.OUT_OF_RANGE));
    fake.cut();
    await settle(2_000);
    expect(fake.attends.map((one) => one.fromOrdinal)).toEqual([0n, 1n, 0n]);
    expect(status()).toBe('live');
  });

  it('says that a newer window took over, does not fight it, and comes back on request', async () => {
    await start();
    fake.cut(faultError(Code.Aborted, Reason.SUPERSEDED));
    await settle(60_000);
    expect(status()).toBe('superseded');
    expect(fake.attends).toHaveLength(1);
    store.takeOver();
    await settle();
    expect(status()).toBe('live');
    expect(fake.attends[1]?.takeOver).toBe(true);
  });

  it('stops when the lesson has ended', async () => {
    await start();
    fake.happens({ case: 'lessonEnded', value: { reason: EndReason.BY_HAND } });
    fake.cut();
    await settle(60_000);
    expect(status()).toBe('ended');
    expect(store.getSnapshot().state?.endReason).toBe(EndReason.BY_HAND);
    expect(fake.attends).toHaveLength(1);
  });

  it.each([
    [Code.PermissionDenied, Reason.PERMISSION_DENIED],
    [Code.FailedPrecondition, Reason.LESSON_FULL],
  ])('stops at a refusal and tells its reason', async (code, reason) => {
    fake.attendErrors.push(faultError(code, reason));
    await start();
    await settle(60_000);
    expect(store.getSnapshot().status).toMatchObject({
      kind: 'refused',
      fault: { reason },
    });
    expect(fake.attends).toHaveLength(1);
  });

  it('enters by itself when the lesson opens, by the server’s clock', async () => {
    const serverNow = Date.now() + 7_200_000;
    clock.observe(timestampFromMs(serverNow));
    const opens_at = new Date(serverNow + 30_000).toISOString();
    fake.attendErrors.push(faultError(Code.FailedPrecondition, Reason.LESSON_NOT_OPEN, { opens_at }));
    await start();
    expect(status()).toBe('refused');
    await settle(29_000);
    expect(fake.attends).toHaveLength(1);
    await settle(2_000);
    expect(status()).toBe('live');
    expect(fake.attends[1]?.takeOver).toBe(true);
  });

  describe('commands', () => {
    it('are pending until their effect is in the state', async () => {
      await start();
      const sent = store.commands.raiseHand(roomId);
      expect(store.commands.isSending('raiseHand', roomId)).toBe(true);
      await settle();
      await sent;
      expect(store.commands.getSnapshot()).toEqual([]);
      expect(placeInQueue(store.getSnapshot().state ?? fake.state(), roomId)).toBe(1);
    });

    it('are sent again with the same key until answered, and act once', async () => {
      await start();
      fake.commandErrors.push(unavailable(), unavailable());
      const sent = store.commands.raiseHand(roomId);
      await settle(5_000);
      await sent;
      expect(fake.keys).toHaveLength(3);
      expect(new Set(fake.keys).size).toBe(1);
      expect(fake.log.filter((event) => event.kind.case === 'handRaised')).toHaveLength(1);
    });

    it('go out in the order in which they were pressed, each with its own key', async () => {
      await start();
      fake.commandErrors.push(unavailable());
      const sent = [store.commands.raiseHand(otherRoomId), store.commands.raiseHand(roomId)];
      await settle(5_000);
      await Promise.all(sent);
      expect(store.getSnapshot().state?.hands.map((hand) => hand.participantId)).toEqual([otherRoomId, roomId]);
      expect(new Set(fake.keys).size).toBe(2);
    });

    it('are not sent again when the server said no', async () => {
      await start();
      fake.commandErrors.push(faultError(Code.FailedPrecondition, Reason.LESSON_NOT_STARTED));
      const refused = expect(store.commands.raiseHand(roomId)).rejects.toMatchObject({
        command: 'raiseHand',
        fault: { reason: Reason.LESSON_NOT_STARTED },
      });
      await settle(5_000);
      await refused;
      expect(fake.keys).toHaveLength(1);
      expect(store.commands.getSnapshot()).toEqual([]);
    });

    it('go out at once when the stream is back', async () => {
      await start();
      fake.cut(unavailable());
      fake.commandErrors.push(...Array.from({ length: 8 }, unavailable));
      fake.attendErrors.push(...Array.from({ length: 4 }, unavailable));
      const sent = store.commands.raiseHand(roomId);
      await settle(20_000);
      await sent;
      expect(new Set(fake.keys).size).toBe(1);
    });
  });
});
