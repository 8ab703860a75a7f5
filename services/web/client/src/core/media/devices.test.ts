import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeTrack } from '../testing/fakePeer';
import { rememberedChoice } from './choice';
import { type DeviceKind, Devices, type MediaSource } from './devices';

/** FakeSource is a computer with devices that come, go, and say no. */
class FakeSource extends EventTarget {
  has: DeviceKind[] = ['camera', 'microphone'];
  readonly says = new Map<DeviceKind, string>();
  readonly asked: MediaStreamConstraints[] = [];
  readonly tracks: FakeTrack[] = [];

  async getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
    this.asked.push(constraints);
    const wanted = (['camera', 'microphone'] as const).filter(
      (kind) => constraints[kind === 'camera' ? 'video' : 'audio'],
    );
    for (const kind of wanted) {
      const refusal = this.says.get(kind) ?? (this.has.includes(kind) ? undefined : 'NotFoundError');
      if (refusal) throw new DOMException('', refusal);
    }
    const tracks = wanted.map((kind) => new FakeTrack(kind === 'camera' ? 'video' : 'audio'));
    this.tracks.push(...tracks);
    const of = (kind: string) => tracks.filter((track) => track.kind === kind);
    return { getVideoTracks: () => of('video'), getAudioTracks: () => of('audio') } as unknown as MediaStream;
  }

  async enumerateDevices(): Promise<MediaDeviceInfo[]> {
    return this.has.map((kind) => ({ kind: kind === 'camera' ? 'videoinput' : 'audioinput' }) as MediaDeviceInfo);
  }

  unplug(kind: DeviceKind): void {
    this.has = this.has.filter((one) => one !== kind);
    const media = kind === 'camera' ? 'video' : 'audio';
    for (const track of this.tracks) if (track.kind === media) track.dispatchEvent(new Event('ended'));
    this.dispatchEvent(new Event('devicechange'));
  }

  plug(kind: DeviceKind): void {
    this.has.push(kind);
    this.dispatchEvent(new Event('devicechange'));
  }
}

describe('Devices', () => {
  let source: FakeSource;
  let devices: Devices;

  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
    source = new FakeSource();
    devices = new Devices(source as unknown as MediaSource);
  });
  afterEach(() => {
    devices.close();
    vi.useRealTimers();
  });

  const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  const states = () => [devices.getSnapshot().camera.status, devices.getSnapshot().microphone.status];

  it('opens both with one question', async () => {
    await devices.open();
    expect(states()).toEqual(['ok', 'ok']);
    expect(source.asked).toHaveLength(1);
    expect(devices.getSnapshot().cameras).toHaveLength(1);
  });

  it('goes on with the microphone where there is no camera', async () => {
    source.has = ['microphone'];
    await devices.open();
    expect(states()).toEqual(['none', 'ok']);
  });

  it.each([
    ['NotAllowedError', 'denied'],
    ['NotReadableError', 'inUse'],
    ['NotFoundError', 'none'],
    ['TypeError', 'failed'],
  ])('says of %s: %s', async (name, status) => {
    source.says.set('camera', name);
    await devices.open();
    expect(states()).toEqual([status, 'ok']);
  });

  it('says that a device was pulled out, and takes it back when it is plugged in again', async () => {
    await devices.open();
    source.unplug('camera');
    await settle();
    expect(states()).toEqual(['unplugged', 'ok']);
    source.plug('camera');
    await settle();
    expect(states()).toEqual(['ok', 'ok']);
  });

  it('asks again for a device that another program held', async () => {
    source.says.set('camera', 'NotReadableError');
    await devices.open();
    source.says.clear();
    await settle(6_000);
    expect(states()).toEqual(['ok', 'ok']);
  });

  it('remembers what was switched off, and lets go of it at once', async () => {
    await devices.open();
    const [camera] = source.tracks;
    await devices.choose('camera', { off: true });
    expect(states()).toEqual(['off', 'ok']);
    expect(camera?.readyState).toBe('ended');
    expect(rememberedChoice()).toMatchObject({ cameraOff: true });

    const later = new Devices(source as unknown as MediaSource);
    await later.open();
    expect(later.getSnapshot().camera.status).toBe('off');
    later.close();
  });

  it('asks for the chosen device, and without processing where the room has its own', async () => {
    await devices.choose('camera', { id: 'cam-2' });
    await devices.setRawSound(true);
    await devices.open();
    expect(source.asked.at(-1)).toMatchObject({
      video: { deviceId: { ideal: 'cam-2' } },
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
  });

  it('lets go of everything when closed', async () => {
    await devices.open();
    devices.close();
    expect(source.tracks.map((track) => track.readyState)).toEqual(['ended', 'ended']);
    expect(states()).toEqual(['closed', 'closed']);
  });

  it('says denied on a page where the browser gives no devices at all', async () => {
    const none = new Devices(null as unknown as undefined);
    await none.open();
    expect(none.getSnapshot().camera.status).toBe('denied');
  });
});
