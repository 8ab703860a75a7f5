import { Store } from '../store';
import type { MediaSession } from './mediaSession';

/** SoundView: blocked means that the browser waits for somebody to touch the page. */
export interface SoundView {
  readonly blocked: boolean;
}

/** SoundSink plays the sound of every audio slot of a session. It owns its audio elements. */
export class SoundSink extends Store<SoundView> {
  readonly #elements = new Map<string, HTMLAudioElement>();
  readonly #session: MediaSession;
  readonly #unsubscribe: () => void;

  constructor(session: MediaSession) {
    super({ blocked: false });
    this.#session = session;
    this.#unsubscribe = session.subscribe(() => this.#update());
    this.#update();
  }

  /** play tries again; to be called when somebody touched the page. */
  async play(): Promise<void> {
    const tried = await Promise.all([...this.#elements.values()].map(playing));
    this.patch({ blocked: tried.includes(false) });
  }

  close(): void {
    this.#unsubscribe();
    for (const element of this.#elements.values()) silence(element);
    this.#elements.clear();
  }

  #update(): void {
    const sounds = this.#session.getSnapshot().slots.filter(({ track }) => track.kind === 'audio');
    for (const [slotId, element] of this.#elements) {
      if (sounds.some((one) => one.slotId === slotId)) continue;
      silence(element);
      this.#elements.delete(slotId);
    }
    let changed = false;
    for (const { slotId, track } of sounds) {
      const element = this.#elements.get(slotId) ?? new Audio();
      this.#elements.set(slotId, element);
      if (element.srcObject instanceof MediaStream && element.srcObject.getTracks()[0] === track) continue;
      element.srcObject = new MediaStream([track]);
      changed = true;
    }
    if (changed) void this.play();
  }
}

// Only a refusal counts as blocked; a source that was replaced meanwhile plays on its own.
function playing(element: HTMLAudioElement): Promise<boolean> {
  return element.play().then(
    () => true,
    (error: unknown) => !(error instanceof DOMException && error.name === 'NotAllowedError'),
  );
}

function silence(element: HTMLAudioElement): void {
  element.pause();
  element.srcObject = null;
}
