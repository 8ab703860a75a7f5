// @vitest-environment node
import { Code } from '@connectrpc/connect';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import { GoodbyeReason, PauseReason } from '../../gen/tongke/relay/v1/channel_pb';
import { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';
import { faultError, unavailable } from '../testing/fakeLesson';
import { FakePeer, FakeTrack } from '../testing/fakePeer';
import { heartbeatMs, helloMs, lateMs, silenceMs } from './link';
import { firstPacketMs, MediaSession } from './mediaSession';
import type { Ticker } from './ticker';
import { settleMs } from './wants';

/** While the page is busy, nothing ticks. */
let busy = false;
const ticker: Ticker = (everyMs, tick) => {
  const timer = setInterval(() => busy || tick(), everyMs);
  return () => clearInterval(timer);
};

describe('MediaSession', () => {
  let session: MediaSession;
  let offers: string[];
  let refusals: Error[];

  beforeEach(() => {
    vi.useFakeTimers();
    busy = false;
    FakePeer.all.length = 0;
    offers = [];
    refusals = [];
    session = new MediaSession({
      ticker,
      codecs: { audio: [], video: [] },
      newPeer: FakePeer.make,
      exchange: async (offer) => {
        offers.push(offer);
        const refusal = refusals.shift();
        if (refusal) throw refusal;
        return `answer to ${offer}`;
      },
    });
  });
  afterEach(() => {
    session.stop();
    vi.useRealTimers();
  });

  const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  const status = () => session.getSnapshot().status;
  const fill = (slotId: string, participantId: string, kind = MediaKind.CAMERA, generation = 1n) =>
    FakePeer.last.receive({ case: 'slotChanged', value: { slotId, participantId, kind, generation } });
  /** The relay answers every heartbeat for so long. */
  const alive = async (ms: number, peer = FakePeer.last) => {
    for (let passed = 0; passed < ms; passed += heartbeatMs) {
      peer.receive({ case: 'heartbeat', value: { number: 1n } });
      await settle(heartbeatMs);
    }
  };
  /** Media arrives for so long, and no message. */
  let packetsReceived = 0;
  const arrive = async (ms: number, peer = FakePeer.last) => {
    for (let passed = 0; passed < ms; passed += 100) {
      packetsReceived += 5;
      peer.stats = [{ type: 'inbound-rtp', kind: 'audio', packetsReceived }];
      await settle(100);
    }
  };
  const join = async () => {
    session.start('screen');
    await settle();
    FakePeer.last.greet();
    await settle();
  };

  it('is connected after one offer, one answer and the hello', async () => {
    session.start('screen');
    await settle();
    expect(status()).toBe('connecting');
    expect(FakePeer.last.answer).toBe('answer to offer 0');
    FakePeer.last.greet();
    await settle();
    expect(status()).toBe('connected');
    expect(offers).toHaveLength(1);
  });

  it('maps slots by mid, acknowledges each change and shows who fills them', async () => {
    await join();
    fill('video1', 'psn_teacher');
    fill('audio0', 'psn_teacher', MediaKind.MICROPHONE);
    expect(session.getSnapshot().slots).toEqual([
      {
        slotId: 'audio0',
        participantId: 'psn_teacher',
        kind: MediaKind.MICROPHONE,
        track: FakePeer.last.trackIn('audio0'),
      },
      {
        slotId: 'video1',
        participantId: 'psn_teacher',
        kind: MediaKind.CAMERA,
        track: FakePeer.last.trackIn('video1'),
      },
    ]);
    expect(FakePeer.last.said('slotAck').map((ack) => [ack.slotId, ack.generation])).toEqual([
      ['video1', 1n],
      ['audio0', 1n],
    ]);
  });

  it('lets go of a slot that is free, and ignores a change that a newer one overtook', async () => {
    await join();
    fill('video0', 'rom_one', MediaKind.CAMERA, 5n);
    fill('video0', '', MediaKind.UNSPECIFIED, 6n);
    fill('video0', 'rom_two', MediaKind.CAMERA, 4n);
    expect(session.getSnapshot().slots).toEqual([]);
  });

  it('knows which picture stands still, until it goes on or the slot carries another', async () => {
    await join();
    const pause = (slotId: string, reason = PauseReason.DOWNLINK) =>
      FakePeer.last.receive({ case: 'slotPaused', value: { slotId, reason } });
    const paused = () => session.getSnapshot().slots.map((slot) => [slot.participantId, slot.paused]);
    fill('video0', 'psn_teacher');
    fill('video1', 'rom_one');
    pause('video1');
    pause('video7');
    expect(paused()).toEqual([
      ['psn_teacher', undefined],
      ['rom_one', PauseReason.DOWNLINK],
    ]);
    pause('video1', PauseReason.UNSPECIFIED);
    pause('video0', PauseReason.RELAY_BUSY);
    expect(paused()).toEqual([
      ['psn_teacher', PauseReason.RELAY_BUSY],
      ['rom_one', undefined],
    ]);
    fill('video0', 'rom_two', MediaKind.CAMERA, 2n);
    expect(paused()[0]).toEqual(['rom_two', undefined]);
  });

  it('sends repeated sound while the relay asks for it, and needs no exchange for that', async () => {
    await session.stop();
    const text = (types: string) => `v=0\r\nm=audio 9 RTP ${types}\r\na=mid:0\r\na=rtpmap:63 red/48000/2\r\n`;
    let exchanges = 0;
    session = new MediaSession({
      ticker,
      codecs: { audio: [], video: [] },
      newPeer: FakePeer.make,
      exchange: async () => {
        exchanges++;
        return text('111 63');
      },
    });
    await join();
    const repeat = async (...wishes: boolean[]) => {
      for (const on of wishes) FakePeer.last.receive({ case: 'repeatSound', value: { on } });
      await settle();
      return FakePeer.last.answer;
    };
    expect(await repeat(true)).toBe(text('63 111'));
    expect(await repeat(false)).toBe(text('111 63'));
    expect(await repeat(true, false, true)).toBe(text('63 111'));
    FakePeer.last.refusesChanges = true;
    expect(await repeat(false)).toBe(text('111 63'));
    expect(exchanges).toBe(1);
    expect(status()).toBe('connected');
  });

  it('ignores slots that it did not offer and bytes that are no message', async () => {
    await join();
    fill('video9', 'rom_one');
    FakePeer.last.control.onmessage?.({ data: new Uint8Array([255, 255, 255]).buffer });
    FakePeer.last.control.onmessage?.({ data: 'text' });
    expect(session.getSnapshot().slots).toEqual([]);
    expect(status()).toBe('connected');
  });

  it('sends what was published before and after joining, and says what it stops', async () => {
    const [camera, microphone] = [new FakeTrack('video'), new FakeTrack('audio')];
    session.publish(MediaKind.CAMERA, camera.asTrack);
    await join();
    const sending = FakePeer.last.transceivers.map(({ sender }) => sender.track);
    expect(sending[1]).toBe(camera);
    const active = () =>
      FakePeer.last
        .said('setPublication')
        .filter((one) => one.active)
        .map((one) => one.kind);
    expect(active()).toEqual([MediaKind.CAMERA]);
    session.publish(MediaKind.MICROPHONE, microphone.asTrack);
    await settle();
    expect(active()).toEqual([MediaKind.CAMERA, MediaKind.MICROPHONE]);
    session.publish(MediaKind.CAMERA, undefined);
    await settle();
    expect(FakePeer.last.transceivers[1]?.sender.track).toBeNull();
    expect(FakePeer.last.said('setPublication').at(-1)).toMatchObject({ kind: MediaKind.CAMERA, active: false });
  });

  it('joins again after 1.5 s of silence, and keeps the old picture until the new one carries media', async () => {
    await join();
    fill('video0', 'psn_teacher');
    const old = FakePeer.last;
    await alive(20_000);
    await settle(silenceMs + heartbeatMs);
    expect(status()).toBe('reconnecting');
    expect(FakePeer.all).toHaveLength(2);
    FakePeer.last.greet();
    fill('video0', 'psn_teacher');
    await settle(50);
    expect(old.closed).toBe(false);
    expect(session.getSnapshot().slots[0]?.track).toBe(old.trackIn('video0'));
    FakePeer.last.trackIn('video0').muted = false;
    await settle(100);
    expect(old.closed).toBe(true);
    expect(status()).toBe('connected');
    expect(session.getSnapshot().slots[0]?.track).toBe(FakePeer.last.trackIn('video0'));
  });

  it('keeps a link whose messages are late while media arrives, but not for ever', async () => {
    await join();
    await alive(2_000);
    await arrive(lateMs - heartbeatMs);
    expect(status()).toBe('connected');
    await alive(2_000);
    await arrive(lateMs - heartbeatMs);
    expect(FakePeer.all).toHaveLength(1);
    await arrive(3 * heartbeatMs);
    expect(FakePeer.all).toHaveLength(2);
  });

  it('gives a link up when media stops, too, while messages are late', async () => {
    await join();
    await alive(2_000);
    await arrive(2_000);
    expect(FakePeer.all).toHaveLength(1);
    await settle(3 * heartbeatMs);
    expect(FakePeer.all).toHaveLength(2);
  });

  it('takes the new link after a second even when nobody sends', async () => {
    await join();
    await settle(silenceMs + 2 * heartbeatMs);
    FakePeer.last.greet();
    await alive(firstPacketMs);
    expect(status()).toBe('connected');
    expect(FakePeer.all.map((peer) => peer.closed)).toEqual([true, false]);
  });

  it('tells a new link what was wanted and published', async () => {
    await join();
    session.want({ slotId: 'video0', maxHeight: 700 });
    session.publish(MediaKind.CAMERA, new FakeTrack('video').asTrack);
    await alive(1_000);
    expect(FakePeer.last.said('wantSlot')).toMatchObject([{ slotId: 'video0', maxHeight: 720 }]);
    await settle(silenceMs + 2 * heartbeatMs);
    FakePeer.last.greet();
    await alive(firstPacketMs);
    expect(FakePeer.all).toHaveLength(2);
    expect(FakePeer.last.said('wantSlot')).toMatchObject([{ slotId: 'video0', maxHeight: 720 }]);
    expect(FakePeer.last.said('setPublication').filter((one) => one.active)).toMatchObject([
      { kind: MediaKind.CAMERA },
    ]);
  });

  it('is more patient with a link that follows one which did not last', async () => {
    await join();
    await settle(silenceMs + heartbeatMs);
    expect(FakePeer.all).toHaveLength(2);
    FakePeer.last.greet();
    await alive(firstPacketMs);
    await settle(silenceMs + heartbeatMs);
    expect(FakePeer.all).toHaveLength(2);
    await settle(silenceMs + heartbeatMs);
    expect(FakePeer.all).toHaveLength(3);
  });

  it('does not take its own page’s pause for silence of the relay', async () => {
    await join();
    busy = true;
    await settle(10_000);
    busy = false;
    await settle(heartbeatMs);
    await alive(2_000);
    expect(FakePeer.all).toHaveLength(1);
  });

  it('tries again while the server is away, says "failed" after three attempts, and recovers', async () => {
    refusals.push(...Array.from({ length: 4 }, unavailable));
    session.start('screen');
    await settle(600);
    expect(status()).toBe('connecting');
    await settle(1_000);
    expect(status()).toBe('failed');
    await settle(5_000);
    FakePeer.last.greet();
    await settle();
    expect(status()).toBe('connected');
    expect(FakePeer.all.slice(0, -1).every((peer) => peer.closed)).toBe(true);
  });

  it('says at once that the server is full, and joins when there is room', async () => {
    refusals.push(faultError(Code.ResourceExhausted, Reason.RESOURCE_EXHAUSTED));
    session.start('screen');
    await settle();
    expect(session.getSnapshot()).toMatchObject({ status: 'failed', fault: { reason: Reason.RESOURCE_EXHAUSTED } });
    await settle(5_000);
    FakePeer.last.greet();
    await settle();
    expect(session.getSnapshot()).toMatchObject({ status: 'connected', fault: undefined });
  });

  it('waits no longer after an attempt that ran into its deadline', async () => {
    session.start('screen');
    for (let attempts = 1; attempts <= 6; attempts++) {
      expect(FakePeer.all).toHaveLength(attempts);
      await settle(helloMs + 10);
    }
  });

  it('gives a link up that gets no hello', async () => {
    session.start('screen');
    await settle(helloMs + 1_000);
    expect(FakePeer.all.length).toBeGreaterThan(1);
    expect(FakePeer.all[0]?.closed).toBe(true);
  });

  it('does not try again what the server refuses', async () => {
    refusals.push(faultError(Code.InvalidArgument, Reason.OFFER_REJECTED));
    session.start('screen');
    await settle(60_000);
    expect(session.getSnapshot()).toMatchObject({ status: 'failed', fault: { reason: Reason.OFFER_REJECTED } });
    expect(offers).toHaveLength(1);
  });

  it('does not come back after it was replaced, but does when the relay stops', async () => {
    await join();
    FakePeer.last.receive({ case: 'goodbye', value: { reason: GoodbyeReason.RELAY_STOPPING } });
    await settle();
    expect(FakePeer.all).toHaveLength(2);
    FakePeer.last.greet();
    await alive(firstPacketMs);
    FakePeer.last.receive({ case: 'goodbye', value: { reason: GoodbyeReason.REPLACED } });
    await settle(60_000);
    expect(status()).toBe('idle');
    expect(FakePeer.all).toHaveLength(2);
  });

  it('reports what its own stack measured every 5 s', async () => {
    const inbound = {
      type: 'inbound-rtp',
      kind: 'video',
      framesDecoded: 100,
      freezeCount: 1,
      framesPerSecond: 25,
      frameHeight: 720,
    };
    await join();
    FakePeer.last.stats = [inbound];
    await alive(5_000);
    FakePeer.last.stats = [{ ...inbound, framesDecoded: 225, freezeCount: 3 }];
    await alive(5_000);
    expect(FakePeer.last.said('stats')).toMatchObject([
      { framesDecoded: 125, freezes: 2, maxHeightReceived: 720, spanMs: 5_000 },
    ]);
  });

  it('knows whether packets travel over UDP or TCP, also when that changes', async () => {
    const over = (protocol: string) => [
      { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
      { id: 'P', type: 'candidate-pair', remoteCandidateId: 'R' },
      { id: 'R', type: 'remote-candidate', protocol, port: 7882 },
    ];
    session.start('screen');
    await settle();
    FakePeer.last.stats = over('tcp');
    FakePeer.last.greet();
    await settle();
    expect(session.getSnapshot().path).toEqual({ protocol: 'tcp', port: 7882 });
    FakePeer.last.stats = over('udp');
    await alive(5_000);
    expect(session.getSnapshot().path).toEqual({ protocol: 'udp', port: 7882 });
  });

  it('sends a want once it stands still, and only when it changed', async () => {
    await join();
    for (const maxHeight of [100, 400, 500, 520]) session.want({ slotId: 'video0', maxHeight });
    await alive(1_000);
    session.want({ slotId: 'video0', maxHeight: 530 });
    await settle(settleMs);
    expect(FakePeer.last.said('wantSlot')).toMatchObject([{ slotId: 'video0', maxHeight: 540 }]);
  });

  it('hangs up when stopped', async () => {
    await join();
    session.stop();
    await settle(60_000);
    expect(FakePeer.all.map((peer) => peer.closed)).toEqual([true]);
    expect(session.getSnapshot()).toEqual({ status: 'idle', slots: [] });
  });
});
