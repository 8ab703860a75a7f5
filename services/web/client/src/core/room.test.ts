import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EndReason } from '../gen/tongke/classroom/v1/event_pb';
import { MediaKind } from '../gen/tongke/relay/v1/relay_pb';
import { createCore } from './core';
import type { Devices } from './media/devices';
import { Room } from './room';
import { Store } from './store';
import { FakeLesson, roomId } from './testing/fakeLesson';
import { FakePeer, FakeTrack } from './testing/fakePeer';

/** OpenDevices are a camera and a microphone that are simply there. */
class OpenDevices extends Store<unknown> {
  readonly camera = new FakeTrack('video');
  readonly microphone = new FakeTrack('audio');

  constructor() {
    super(undefined);
    this.set({
      camera: { status: 'ok', track: this.camera.asTrack },
      microphone: { status: 'ok', track: this.microphone.asTrack },
    });
  }
}

describe('Room', () => {
  let fake: FakeLesson;
  let room: Room;
  let devices: OpenDevices;

  beforeEach(async () => {
    vi.useFakeTimers();
    FakePeer.all.length = 0;
    fake = new FakeLesson();
    devices = new OpenDevices();
    room = new Room({
      core: createCore(fake.transport),
      lessonId: 'lsn_1',
      seat: 'screen',
      devices: devices as unknown as Devices,
      media: {
        newPeer: FakePeer.make,
        codecs: { audio: [], video: [] },
        exchange: async () => 'answer',
        ticker: () => () => undefined,
      },
    });
    room.start();
    await settle();
    FakePeer.last.greet();
    await settle();
  });
  afterEach(() => {
    room.stop();
    vi.useRealTimers();
  });

  const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  const sends = (kind: MediaKind) =>
    FakePeer.last
      .said('setPublication')
      .filter((one) => one.kind === kind)
      .at(-1)?.active;
  const audio = async (open: boolean) => {
    fake.happens({ case: 'audioChanged', value: { participantId: roomId, open } });
    await settle();
  };

  it('connects media when it is in the lesson, and sends the camera but no sound', () => {
    expect(room.media.getSnapshot().status).toBe('connected');
    expect([sends(MediaKind.CAMERA), sends(MediaKind.MICROPHONE)]).toEqual([true, false]);
  });

  it('sends sound exactly while the lesson has opened the microphone', async () => {
    await audio(true);
    expect(sends(MediaKind.MICROPHONE)).toBe(true);
    expect(FakePeer.last.transceivers[0]?.sender.track).toBe(devices.microphone);
    await audio(false);
    expect(sends(MediaKind.MICROPHONE)).toBe(false);
    expect(FakePeer.last.transceivers[0]?.sender.track).toBeNull();
  });

  it('closes the microphone at once when somebody presses, before the lesson knows', async () => {
    await audio(true);
    room.setMicrophone(false).catch(() => undefined);
    expect(sends(MediaKind.MICROPHONE)).toBe(false);
    await settle();
    await audio(false);
    await audio(true);
    expect(sends(MediaKind.MICROPHONE)).toBe(true);
  });

  it('hangs up when the lesson ends', async () => {
    fake.happens({ case: 'lessonEnded', value: { reason: EndReason.BY_HAND } });
    await settle();
    expect(room.media.getSnapshot().status).toBe('idle');
    expect(FakePeer.last.closed).toBe(true);
  });

  it('stays connected while only the stream of the lesson breaks', async () => {
    fake.cut();
    await settle(5_000);
    expect(FakePeer.all).toHaveLength(1);
    expect(room.media.getSnapshot().status).toBe('connected');
  });
});
