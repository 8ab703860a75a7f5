import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EndReason, ParticipantRole } from '../gen/tongke/classroom/v1/event_pb';
import { MediaKind } from '../gen/tongke/relay/v1/relay_pb';
import { createCore } from './core';
import type { Devices } from './media/devices';
import { Room } from './room';
import { Store } from './store';
import { FakeLesson, roomId, teacherId } from './testing/fakeLesson';
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

  /** Enters the lesson as somebody; the relay answers. */
  const enter = async (selfId: string) => {
    fake.selfId = selfId;
    room = new Room({
      core: createCore(fake.transport),
      lessonId: 'lsn_1',
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
  };

  beforeEach(async () => {
    vi.useFakeTimers();
    FakePeer.all.length = 0;
    fake = new FakeLesson();
    devices = new OpenDevices();
    await enter(roomId);
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

  it.each([
    ['a classroom', roomId, 3],
    ['the lead teacher', teacherId, 10],
    ['an assistant or observer, teacher or not', 'psn_guest', 2],
  ])('asks for the slots of the part that it has in this lesson: %s', async (_, selfId, slots) => {
    room.stop();
    const participant = { participantId: 'psn_guest', name: '听课老师', role: ParticipantRole.OBSERVER };
    fake.happens({ case: 'participantJoined', value: { participant } });
    await enter(selfId);
    const receiving = FakePeer.last.transceivers.filter(({ init }) => init.direction === 'recvonly');
    expect(receiving.filter(({ receiver }) => receiver.track.kind === 'video')).toHaveLength(slots);
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
