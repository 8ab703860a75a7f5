import { afterEach, describe, expect, it, vi } from 'vitest';
import { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';
import { Store } from '../store';
import { FakeTrack } from '../testing/fakePeer';
import { levelOf } from './level';
import type { SlotFill } from './link';
import type { MediaSession } from './mediaSession';
import { SoundSink } from './sink';

/** Slots is a session of which only the slots matter. */
class Slots extends Store<{ slots: SlotFill[] }> {
  fill(...slots: SlotFill[]): void {
    this.set({ slots });
  }
}

const voice = (slotId: string): SlotFill => ({
  slotId,
  participantId: 'psn_teacher',
  kind: MediaKind.MICROPHONE,
  track: new FakeTrack('audio').asTrack,
});

describe('SoundSink', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const start = (allowed: () => boolean) => {
    const playing = new Set<unknown>();
    vi.stubGlobal(
      'MediaStream',
      class {
        constructor(readonly tracks: MediaStreamTrack[]) {}
        getTracks = () => this.tracks;
      },
    );
    vi.stubGlobal(
      'Audio',
      class {
        srcObject: unknown = null;
        async play() {
          if (!allowed()) throw new DOMException('', 'NotAllowedError');
          playing.add(this);
        }
        pause() {
          playing.delete(this);
        }
      },
    );
    const slots = new Slots({ slots: [] });
    const sink = new SoundSink(slots as unknown as MediaSession);
    return { slots, sink, playing };
  };

  it('plays every voice that fills a slot, and no longer', async () => {
    const { slots, sink, playing } = start(() => true);
    slots.fill(voice('audio0'), voice('audio1'));
    await vi.waitFor(() => expect(playing.size).toBe(2), { timeout: 20_000 });
    slots.fill(voice('audio1'));
    expect(playing.size).toBe(1);
    sink.close();
    expect(playing.size).toBe(0);
  });

  it('says that the browser waits for a touch, and plays after it', async () => {
    let touched = false;
    const { slots, sink, playing } = start(() => touched);
    slots.fill(voice('audio0'));
    await vi.waitFor(() => expect(sink.getSnapshot().blocked).toBe(true), { timeout: 20_000 });
    touched = true;
    await sink.play();
    expect(sink.getSnapshot().blocked).toBe(false);
    expect(playing.size).toBe(1);
  });
});

describe('levelOf', () => {
  it('is 0 in silence, 1 at full scale, and half way at -30 dB', () => {
    expect(levelOf(new Float32Array(1024))).toBe(0);
    expect(levelOf(new Float32Array(1024).fill(1))).toBe(1);
    expect(levelOf(new Float32Array(1024).fill(10 ** (-30 / 20)))).toBeCloseTo(0.5, 2);
  });
});
