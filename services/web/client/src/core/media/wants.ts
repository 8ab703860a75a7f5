import type { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';

/** Want is at what height a slot is shown (0: not at all), and whom it shall show; nobody named: automatic. */
export interface Want {
  readonly slotId: string;
  readonly maxHeight: number;
  readonly participantId?: string;
  readonly kind?: MediaKind;
}

/** How long a want must stand still before it is sent: a window that is being resized changes it all the time. */
export const settleMs = 250;

/** Wants holds the last want of each slot and passes it on once it has settled, if it changed. */
export class Wants {
  readonly #send: (want: Want) => void;
  readonly #settled = new Map<string, Want>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(send: (want: Want) => void) {
    this.#send = send;
  }

  set(want: Want): void {
    clearTimeout(this.#timers.get(want.slotId));
    this.#timers.set(
      want.slotId,
      setTimeout(() => {
        this.#timers.delete(want.slotId);
        const step = { ...want, maxHeight: stepOf(want.maxHeight) };
        if (same(this.#settled.get(want.slotId), step)) return;
        this.#settled.set(want.slotId, step);
        this.#send(step);
      }, settleMs),
    );
  }

  /** all is what a new connection has to be told. */
  all(): Want[] {
    return [...this.#settled.values()];
  }
}

// Layers come in a few heights only; between them a change of size changes nothing.
const steps = [0, 90, 180, 360, 540, 720, 1080, 2160];

/** stepOf rounds a height in pixels up to the next that makes a difference. */
export function stepOf(height: number): number {
  return steps.find((step) => height <= step) ?? 2160;
}

function same(a: Want | undefined, b: Want): boolean {
  return a?.maxHeight === b.maxHeight && a.participantId === b.participantId && a.kind === b.kind;
}
