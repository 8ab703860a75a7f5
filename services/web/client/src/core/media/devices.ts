import { Store } from '../store';
import { type Choice, rememberChoice, rememberedChoice } from './choice';

export type DeviceKind = 'camera' | 'microphone';

/** DeviceStatus in plain words; a lesson goes on with what there is. */
export type DeviceStatus =
  | 'closed'
  | 'asking'
  | 'ok'
  /** Switched off by a person. */
  | 'off'
  /** There is no such device. */
  | 'none'
  /** The browser or the person does not allow it. */
  | 'denied'
  /** Another program uses it. */
  | 'inUse'
  /** It was there and was pulled out. */
  | 'unplugged'
  | 'failed';

export interface DeviceView {
  readonly status: DeviceStatus;
  /** Set while the status is ok. */
  readonly track?: MediaStreamTrack;
}

export interface DevicesView {
  readonly camera: DeviceView;
  readonly microphone: DeviceView;
  /** What there is to choose from; names are empty until a device was allowed once. */
  readonly cameras: readonly MediaDeviceInfo[];
  readonly microphones: readonly MediaDeviceInfo[];
  readonly choice: Choice;
}

/** What of navigator.mediaDevices is used; absent on pages without HTTPS. */
export type MediaSource = Pick<
  MediaDevices,
  'getUserMedia' | 'enumerateDevices' | 'addEventListener' | 'removeEventListener'
>;

const closed: DeviceView = { status: 'closed' };
/** A device that another program holds is asked for again at this pace. */
const inUseRetryMs = 5_000;

/** Devices opens the camera and the microphone, keeps them open as they come and go, and says how they are. */
export class Devices extends Store<DevicesView> {
  readonly #source: MediaSource | undefined;
  readonly #wanted = new Set<DeviceKind>();
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(source: MediaSource | undefined = globalThis.navigator?.mediaDevices) {
    super({ camera: closed, microphone: closed, cameras: [], microphones: [], choice: rememberedChoice() });
    this.#source = source;
  }

  /** open asks for what was not switched off, in one question where the browser allows. */
  async open(kinds: readonly DeviceKind[] = ['camera', 'microphone']): Promise<void> {
    if (this.#wanted.size === 0) this.#source?.addEventListener('devicechange', this.#changed);
    for (const kind of kinds) this.#wanted.add(kind);
    const ask = kinds.filter((kind) => !this.#isOff(kind) && this.getSnapshot()[kind].status !== 'ok');
    for (const kind of kinds) if (this.#isOff(kind)) this.#show(kind, { status: 'off' });
    await this.#ask(ask);
    await this.#list();
  }

  /** close releases everything: the light of the camera goes out. */
  close(): void {
    this.#source?.removeEventListener('devicechange', this.#changed);
    clearTimeout(this.#retry);
    this.#wanted.clear();
    for (const kind of ['camera', 'microphone'] as const) this.#show(kind, closed);
  }

  /** choose takes another device, or a person's wish to switch one off or on, and remembers it. */
  async choose(kind: DeviceKind, wish: { readonly id?: string; readonly off?: boolean }): Promise<void> {
    const { choice } = this.getSnapshot();
    const next: Choice =
      kind === 'camera'
        ? { ...choice, cameraId: wish.id ?? choice.cameraId, cameraOff: wish.off ?? false }
        : { ...choice, microphoneId: wish.id ?? choice.microphoneId, microphoneOff: wish.off ?? false };
    await this.#remember(next, [kind]);
  }

  /** setRawSound turns the browser's echo cancellation, noise suppression and gain control off or on. */
  async setRawSound(rawSound: boolean): Promise<void> {
    await this.#remember({ ...this.getSnapshot().choice, rawSound }, ['microphone']);
  }

  async #remember(choice: Choice, kinds: readonly DeviceKind[]): Promise<void> {
    this.patch({ choice });
    rememberChoice(choice);
    const wanted = kinds.filter((kind) => this.#wanted.has(kind));
    for (const kind of wanted) this.#show(kind, closed);
    if (wanted.length > 0) await this.open(wanted);
  }

  #isOff(kind: DeviceKind): boolean {
    const { choice } = this.getSnapshot();
    return (kind === 'camera' ? choice.cameraOff : choice.microphoneOff) ?? false;
  }

  async #ask(kinds: readonly DeviceKind[]): Promise<void> {
    const before = this.getSnapshot();
    for (const kind of kinds) this.#show(kind, { status: 'asking' });
    if (kinds.length === 2 && (await this.#openNow(kinds)) === 'ok') return;
    // Together failed, and says not of which: one that works is better than none.
    for (const kind of kinds) {
      const status = await this.#openNow([kind]);
      const gone = status === 'none' && before[kind].status === 'unplugged';
      if (status !== 'ok') this.#show(kind, { status: gone ? 'unplugged' : status });
    }
    this.#retryLater();
  }

  async #openNow(kinds: readonly DeviceKind[]): Promise<DeviceStatus> {
    if (!this.#source) return 'denied';
    try {
      const stream = await this.#source.getUserMedia(constraintsFor(kinds, this.getSnapshot().choice));
      this.#opened('camera', stream.getVideoTracks()[0]);
      this.#opened('microphone', stream.getAudioTracks()[0]);
      return 'ok';
    } catch (error) {
      return statusOf(error);
    }
  }

  #opened(kind: DeviceKind, track: MediaStreamTrack | undefined): void {
    if (!track) return;
    if (!this.#wanted.has(kind) || this.#isOff(kind)) return track.stop();
    if (kind === 'camera') track.contentHint = 'motion';
    track.addEventListener('ended', () => {
      if (this.getSnapshot()[kind].track === track) this.#show(kind, { status: 'unplugged' });
    });
    this.#show(kind, { status: 'ok', track });
  }

  #show(kind: DeviceKind, view: DeviceView): void {
    const { track } = this.getSnapshot()[kind];
    if (track && track !== view.track) track.stop();
    this.patch({ [kind]: view });
  }

  readonly #changed = () => {
    void this.#list().then(() => this.#askForLost(['none', 'unplugged', 'failed']));
  };

  #retryLater(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#askForLost(['inUse']), inUseRetryMs);
  }

  async #askForLost(statuses: readonly DeviceStatus[]): Promise<void> {
    const lost = [...this.#wanted].filter((kind) => statuses.includes(this.getSnapshot()[kind].status));
    if (lost.length > 0) await this.#ask(lost);
  }

  async #list(): Promise<void> {
    const all = (await this.#source?.enumerateDevices().catch(() => [])) ?? [];
    this.patch({
      cameras: all.filter((device) => device.kind === 'videoinput'),
      microphones: all.filter((device) => device.kind === 'audioinput'),
    });
  }
}

/** constraintsFor asks for 720p, so that all three layers of the camera can live, and for a clean voice. */
export function constraintsFor(kinds: readonly DeviceKind[], choice: Choice): MediaStreamConstraints {
  const processed = !choice.rawSound;
  return {
    video: kinds.includes('camera') && {
      ...(choice.cameraId && { deviceId: { ideal: choice.cameraId } }),
      width: { ideal: 1280 },
      height: { ideal: 720 },
      frameRate: { ideal: 25, max: 30 },
    },
    audio: kinds.includes('microphone') && {
      ...(choice.microphoneId && { deviceId: { ideal: choice.microphoneId } }),
      echoCancellation: processed,
      noiseSuppression: processed,
      autoGainControl: processed,
    },
  };
}

/** statusOf turns getUserMedia's error names (W3C Media Capture, 10.2) into plain states. */
export function statusOf(error: unknown): DeviceStatus {
  switch (error instanceof Error || error instanceof DOMException ? error.name : '') {
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'none';
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotReadableError':
    case 'AbortError':
      return 'inUse';
    default:
      return 'failed';
  }
}
