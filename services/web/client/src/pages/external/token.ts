/** What the dialog of external devices says of media tokens. Pure. */
import { MediaPicture, MediaUse } from '../../gen/tongke/classroom/v1/event_pb';
import type { MediaToken } from '../../gen/tongke/classroom/v1/media_token_pb';

/** What a device comes for: its picture counts as a camera's or as a shared screen, or it only watches. */
export type Purpose = 'camera' | 'screen' | 'watch';

export const purposes: readonly Purpose[] = ['camera', 'screen', 'watch'];

/** The server issues no more than this in one lesson, revoked ones included. */
export const mostTokens = 64;

export const longestName = 40;

/** How a purpose is asked for. */
export function askFor(purpose: Purpose): { use: MediaUse; picture: MediaPicture } {
  return {
    use: purpose === 'watch' ? MediaUse.WATCH : MediaUse.PUBLISH,
    picture: {
      camera: MediaPicture.CAMERA,
      screen: MediaPicture.SCREEN,
      watch: MediaPicture.UNSPECIFIED,
    }[purpose],
  };
}

export function purposeOf({ use, picture }: MediaToken): Purpose {
  if (use === MediaUse.WATCH) return 'watch';
  return picture === MediaPicture.SCREEN ? 'screen' : 'camera';
}

export type TokenState = 'inUse' | 'unused' | 'revoked';

export function stateOf({ revoked, inUse }: MediaToken): TokenState {
  if (revoked) return 'revoked';
  return inUse ? 'inUse' : 'unused';
}

/** The newest first; what was revoked comes last. The server lists the oldest first. */
export function inOrder(tokens: readonly MediaToken[]): MediaToken[] {
  return [...tokens].reverse().sort((a, b) => Number(a.revoked) - Number(b.revoked));
}

/** The address that a device is given: that of the server as this page reached it. */
export function addressOf(origin: string, lessonId: string, purpose: Purpose): string {
  return `${origin}/${purpose === 'watch' ? 'whep' : 'whip'}/${encodeURIComponent(lessonId)}`;
}

/** Whether an address means the computer that it is read on, so that it is of no use to a device elsewhere. */
export function isThisComputer(origin: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]';
}

/** A command for a shell that tries a token with GStreamer; a test picture, or the lesson in a window. */
export function commandOf(purpose: Purpose, address: string, secret: string): string {
  const signaller = (endpoint: string) => `signaller::${endpoint}=${address} signaller::auth-token=${secret}`;
  return purpose === 'watch'
    ? `gst-launch-1.0 whepclientsrc name=w ${signaller('whep-endpoint')} w. ! videoconvert ! autovideosink`
    : `gst-launch-1.0 whipclientsink name=w ${signaller('whip-endpoint')} video-caps=video/x-vp8 videotestsrc is-live=true ! w.`;
}
