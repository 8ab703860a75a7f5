import { Store } from '../store';

export interface ShareView {
  readonly status: 'off' | 'asking' | 'on' | 'failed';
  readonly picture?: MediaStreamTrack;
  /** Sound of the shared tab or screen, where the browser and the person give it. */
  readonly sound?: MediaStreamTrack;
}

/** ScreenShare captures a screen, a window or a tab, with its sound. */
export class ScreenShare extends Store<ShareView> {
  readonly #source: Pick<MediaDevices, 'getDisplayMedia'> | undefined;

  constructor(source: Pick<MediaDevices, 'getDisplayMedia'> | undefined = globalThis.navigator?.mediaDevices) {
    super({ status: 'off' });
    this.#source = source;
  }

  /** start asks what to share; a person who closes the question has changed the mind, not failed. */
  async start(): Promise<void> {
    if (this.getSnapshot().status === 'on' || this.getSnapshot().status === 'asking') return;
    this.set({ status: 'asking' });
    try {
      if (!this.#source) throw new DOMException('no screen capture here', 'NotSupportedError');
      this.#started(await this.#source.getDisplayMedia(displayConstraints));
    } catch (error) {
      this.set({ status: error instanceof DOMException && error.name === 'NotAllowedError' ? 'off' : 'failed' });
    }
  }

  /** stop ends the capture; without one it changes nothing. */
  stop(): void {
    const { status, picture, sound } = this.getSnapshot();
    if (status === 'off') return;
    picture?.stop();
    sound?.stop();
    this.set({ status: 'off' });
  }

  #started(stream: MediaStream): void {
    const [picture] = stream.getVideoTracks();
    const [sound] = stream.getAudioTracks();
    if (!picture) return this.set({ status: 'failed' });
    picture.contentHint = 'detail';
    if (sound) sound.contentHint = 'music';
    // The browser's own "stop sharing" button.
    picture.addEventListener('ended', () => {
      if (this.getSnapshot().picture === picture) this.stop();
    });
    this.set({ status: 'on', picture, sound });
  }
}

const displayConstraints: DisplayMediaStreamOptions = {
  video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 15, max: 30 } },
  // Sound of a lesson is music and speech of others: no processing meant for voices.
  audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
};
