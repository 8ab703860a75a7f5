import { Role } from '../gen/tongke/common/v1/rule_pb';
import type { Classroom, Person, Principal } from '../gen/tongke/directory/v1/directory_pb';
import { type Api, retried } from './api';
import type { ServerClock } from './clock';
import { type Fault, faultOf } from './fault';
import { Store } from './store';
import { type Zone, zoneNamed } from './zone';

/** SessionView is who uses this browser. */
export interface SessionView {
  readonly status: 'loading' | 'signedOut' | 'signedIn' | 'unreachable';
  readonly principal?: Principal;
  /** Version of the server, such as "0.1.0". */
  readonly version: string;
  readonly fault?: Fault;
  /** Set when somebody was signed in here, and the server has ended that. */
  readonly expired?: true;
}

/** Session knows the signed-in person or paired classroom. The credential itself is an HttpOnly cookie. */
export class Session extends Store<SessionView> {
  readonly #api: Api;
  readonly #clock: ServerClock;
  #loading: Promise<SessionView> | undefined;

  constructor(api: Api, clock: ServerClock) {
    super({ status: 'loading', version: '' });
    this.#api = api;
    this.#clock = clock;
  }

  /** load asks the server who this is; calls that come meanwhile share the answer. */
  load(): Promise<SessionView> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /** signIn rejects with WRONG_CREDENTIALS or ACCOUNT_LOCKED. */
  async signIn(login: string, password: string): Promise<SessionView> {
    await this.#api.session.signIn({ login, password });
    return this.load();
  }

  async signOut(): Promise<void> {
    await retried(() => this.#api.session.signOut({}));
    this.set({ status: 'signedOut', version: this.getSnapshot().version });
  }

  /** expired is called by whoever sees that the server no longer accepts the credential. */
  expired(): void {
    this.set({ status: 'signedOut', version: this.getSnapshot().version, expired: true });
  }

  async #load(): Promise<SessionView> {
    try {
      const answer = await retried(() => this.#api.session.getSession({}));
      this.#clock.observe(answer.serverTime);
      this.set(
        answer.principal
          ? { status: 'signedIn', principal: answer.principal, version: answer.version }
          : { status: 'signedOut', version: answer.version, ...(this.getSnapshot().expired && { expired: true }) },
      );
    } catch (error) {
      this.patch({ status: 'unreachable', fault: faultOf(error) });
    }
    return this.getSnapshot();
  }
}

export function personOf(view: SessionView): Person | undefined {
  return view.principal?.who.case === 'person' ? view.principal.who.value : undefined;
}

export function classroomOf(view: SessionView): Classroom | undefined {
  return view.principal?.who.case === 'classroom' ? view.principal.who.value : undefined;
}

/** zoneOf is the time zone of the campus that this page works for; the computer's own while nobody is signed in. */
export function zoneOf(view: SessionView): Zone {
  return zoneNamed((personOf(view) ?? classroomOf(view))?.timeZone ?? '');
}

const pageOfRole: readonly [Role, string][] = [
  [Role.TEACHER, '/teacher'],
  [Role.ASSISTANT, '/assistant'],
  [Role.SCHEDULER, '/scheduler'],
  [Role.OPERATOR, '/operator'],
  [Role.ADMINISTRATOR, '/admin'],
  [Role.OBSERVER, '/teacher'],
];

/** homeOf is the page that a principal works on first. */
export function homeOf(view: SessionView): string {
  if (classroomOf(view)) return '/screen';
  const roles = personOf(view)?.roles ?? [];
  return pageOfRole.find(([role]) => roles.includes(role))?.[1] ?? '/login';
}
