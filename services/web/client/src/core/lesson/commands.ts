import type { LessonState } from '../../gen/tongke/classroom/v1/event_pb';
import { type Api, newKey } from '../api';
import { type Fault, faultOf, isTransient } from '../fault';
import { Store } from '../store';
import { delay, growing, type Waits } from '../wait';

/** CommandName is what a person can do in a lesson. */
export type CommandName =
  | 'startLesson'
  | 'endLesson'
  | 'raiseHand'
  | 'lowerHand'
  | 'callOn'
  | 'setStage'
  | 'setAudio'
  | 'muteAll'
  | 'postChat'
  | 'openPoll'
  | 'answerPoll'
  | 'closePoll'
  | 'setHeadCount';

/** Pending is a command that was pressed and whose effect is not to be seen yet: shown as "sending". */
export interface Pending {
  readonly key: string;
  readonly name: CommandName;
  /** The participant or poll that it is about; empty for the whole lesson. */
  readonly target: string;
}

interface Answer {
  readonly ordinal: bigint;
}

type Call<A extends Answer> = (fields: { lessonId: string; idempotencyKey: string }) => Promise<A>;

/**
 * Commands sends what people press, in order, one at a time. Each press has its own idempotency key and is
 * sent again with that key until the server has answered: it is never lost and never done twice.
 */
export class Commands extends Store<readonly Pending[]> {
  readonly #api: Api;
  readonly #lessonId: string;
  readonly #waits: Waits;
  #stopped = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  #hurry = new AbortController();
  /** Ordinals that answered commands led to; their presses count as pending until the state has come so far. */
  #answered: { key: string; ordinal: bigint }[] = [];
  /** How far the state has come: an event often arrives before the answer to the command that caused it. */
  #reached = 0n;

  constructor(api: Api, lessonId: string, waits: Waits = growing(300, 3_000)) {
    super([]);
    this.#api = api;
    this.#lessonId = lessonId;
    this.#waits = waits;
  }

  startLesson = () => this.#send('startLesson', '', (f) => this.#api.classroom.startLesson(f));
  endLesson = () => this.#send('endLesson', '', (f) => this.#api.classroom.endLesson(f));
  muteAll = () => this.#send('muteAll', '', (f) => this.#api.classroom.muteAll(f));
  raiseHand = (participantId: string) =>
    this.#send('raiseHand', participantId, (f) => this.#api.classroom.raiseHand({ ...f, participantId }));
  lowerHand = (participantId: string) =>
    this.#send('lowerHand', participantId, (f) => this.#api.classroom.lowerHand({ ...f, participantId }));
  callOn = (participantId: string) =>
    this.#send('callOn', participantId, (f) => this.#api.classroom.callOn({ ...f, participantId }));
  setStage = (participantId: string, onStage: boolean) =>
    this.#send('setStage', participantId, (f) => this.#api.classroom.setStage({ ...f, participantId, onStage }));
  setAudio = (participantId: string, open: boolean) =>
    this.#send('setAudio', participantId, (f) => this.#api.classroom.setAudio({ ...f, participantId, open }));
  postChat = (text: string) => this.#send('postChat', '', (f) => this.#api.classroom.postChat({ ...f, text }));
  openPoll = (question: string, options: string[]) =>
    this.#send('openPoll', '', (f) => this.#api.classroom.openPoll({ ...f, question, options }));
  closePoll = (pollId: string) =>
    this.#send('closePoll', pollId, (f) => this.#api.classroom.closePoll({ ...f, pollId }));
  answerPoll = (pollId: string, participantId: string, counts: number[]) =>
    this.#send('answerPoll', participantId, (f) =>
      this.#api.classroom.answerPoll({ ...f, pollId, participantId, counts }),
    );
  setHeadCount = (participantId: string, count: number) =>
    this.#send('setHeadCount', participantId, (f) => this.#api.classroom.setHeadCount({ ...f, participantId, count }));

  /** isSending: a press of this name, and of this target if given, is on its way. */
  isSending(name: CommandName, target?: string): boolean {
    return this.getSnapshot().some((one) => one.name === name && (target === undefined || one.target === target));
  }

  /** reached is called with every new state; a press whose effect is in it is no longer pending. */
  reached(state: LessonState): void {
    this.#reached = state.ordinal;
    const seen = this.#answered.filter((one) => one.ordinal <= state.ordinal).map((one) => one.key);
    if (seen.length === 0) return;
    this.#answered = this.#answered.filter((one) => !seen.includes(one.key));
    this.set(this.getSnapshot().filter((one) => !seen.includes(one.key)));
  }

  /** hurry sends a waiting command at once: the connection is back. */
  hurry(): void {
    this.#waits.reset();
    this.#hurry.abort();
    this.#hurry = new AbortController();
  }

  /** stop gives up what was not answered; their promises reject with CANCELLED. */
  stop(): void {
    this.#stopped.abort();
    this.#stopped = new AbortController();
    this.hurry();
    this.#answered = [];
    this.set([]);
  }

  #send<A extends Answer>(name: CommandName, target: string, call: Call<A>): Promise<A> {
    const key = newKey();
    const stopped = this.#stopped.signal;
    this.set([...this.getSnapshot(), { key, name, target }]);
    const sent = this.#turn.then(() => this.#untilAnswered(key, call, stopped));
    this.#turn = sent.catch(() => undefined);
    return sent.then(
      (answer) => {
        if (answer.ordinal <= this.#reached) this.#forget(key);
        else this.#answered.push({ key, ordinal: answer.ordinal });
        return answer;
      },
      (error: unknown) => {
        this.#forget(key);
        throw new CommandRefused(name, faultOf(error));
      },
    );
  }

  async #untilAnswered<A extends Answer>(key: string, call: Call<A>, stopped: AbortSignal): Promise<A> {
    this.#waits.reset();
    for (;;) {
      stopped.throwIfAborted();
      try {
        return await call({ lessonId: this.#lessonId, idempotencyKey: key });
      } catch (error) {
        const fault = faultOf(error);
        if (!isTransient(fault.reason)) throw error;
        await delay(fault.retryAfterMs ?? this.#waits.next(), this.#hurry.signal);
      }
    }
  }

  #forget(key: string): void {
    this.#answered = this.#answered.filter((one) => one.key !== key);
    this.set(this.getSnapshot().filter((one) => one.key !== key));
  }
}

/** CommandRefused says that the server answered, and said no. */
export class CommandRefused extends Error {
  readonly command: CommandName;
  readonly fault: Fault;

  constructor(command: CommandName, fault: Fault) {
    super(`${command}: ${fault.name}`);
    this.command = command;
    this.fault = fault;
  }
}
