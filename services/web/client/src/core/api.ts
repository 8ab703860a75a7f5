import { type Client, createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { ClassroomService } from '../gen/tongke/classroom/v1/classroom_pb';
import { DirectoryService } from '../gen/tongke/directory/v1/directory_pb';
import { SchedulingService } from '../gen/tongke/scheduling/v1/scheduling_pb';
import { SessionService } from '../gen/tongke/web/v1/session_pb';
import { faultOf, isTransient } from './fault';
import { delay, growing } from './wait';

/** Api is every service that a browser may call. */
export interface Api {
  readonly session: Client<typeof SessionService>;
  readonly directory: Client<typeof DirectoryService>;
  readonly scheduling: Client<typeof SchedulingService>;
  readonly classroom: Client<typeof ClassroomService>;
}

/** A unary call that takes longer than this has failed; streams have no deadline. */
export const callDeadlineMs = 10_000;

export function createApi(transport: Transport): Api {
  return {
    session: createClient(SessionService, transport),
    directory: createClient(DirectoryService, transport),
    scheduling: createClient(SchedulingService, transport),
    classroom: createClient(ClassroomService, transport),
  };
}

/**
 * browserTransport speaks binary Connect to the server that the page came from; cookies carry the credential. One
 * browser may hold a person's and a classroom's: the classroom's screen calls as the device, other pages as the person.
 */
export function browserTransport(): Transport {
  const as = () => (/^\/screen(\/|$)/.test(location.pathname) ? 'device' : 'person');
  return createConnectTransport({
    baseUrl: location.origin,
    useBinaryFormat: true,
    defaultTimeoutMs: callDeadlineMs,
    interceptors: [
      (next) => (request) => {
        request.header.set('x-tongke-as', as());
        return next(request);
      },
    ],
    fetch: (input, init) => fetch(input, { ...init, credentials: 'same-origin' }),
  });
}

/**
 * retried repeats a call while it fails for a passing reason. Only for calls that may be repeated:
 * reads, and commands whose request carries the same idempotency key each time.
 */
export async function retried<T>(call: () => Promise<T>, attempts = 4, signal?: AbortSignal): Promise<T> {
  const waits = growing(250, 2_000);
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const fault = faultOf(error);
      if (attempt >= attempts || !isTransient(fault.reason) || signal?.aborted) throw error;
      await delay(fault.retryAfterMs ?? waits.next(), signal);
    }
  }
}

/** newKey makes an idempotency key or window id: one per press of a button, or per load of the page. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
