import type { Transport } from '@connectrpc/connect';
import { type Api, browserTransport, createApi } from './api';
import { ServerClock } from './clock';
import { Session } from './session';

/** Core is what every page shares: the server's services, its time, and who is here. */
export interface Core {
  readonly api: Api;
  readonly clock: ServerClock;
  readonly session: Session;
}

/** createCore builds it over a transport; tests give a fake one. */
export function createCore(transport: Transport = browserTransport()): Core {
  const api = createApi(transport);
  const clock = new ServerClock();
  return { api, clock, session: new Session(api, clock) };
}
