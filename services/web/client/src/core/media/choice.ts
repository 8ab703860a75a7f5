/** Choice is what a person decided about devices on this computer; it is kept for the next visit. */
export interface Choice {
  readonly cameraId?: string;
  readonly microphoneId?: string;
  readonly cameraOff?: boolean;
  readonly microphoneOff?: boolean;
  /** Rooms whose sound system removes echo by itself do better without the browser's processing. */
  readonly rawSound?: boolean;
}

const key = 'tongke.devices';

export function rememberedChoice(storage: Storage = localStorage): Choice {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? '{}');
    return value && typeof value === 'object' ? (value as Choice) : {};
  } catch {
    return {}; // Storage may be forbidden or hold something else; the page works without it.
  }
}

export function rememberChoice(choice: Choice, storage: Storage = localStorage): void {
  try {
    storage.setItem(key, JSON.stringify(choice));
  } catch {
    // The choice then lasts until the page is closed.
  }
}
