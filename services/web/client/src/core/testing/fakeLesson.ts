import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type ConnectRouter, createRouterTransport, type Transport } from '@connectrpc/connect';
import {
  type AttendRequest,
  type AttendResponse,
  AttendResponseSchema,
  ClassroomService,
} from '../../gen/tongke/classroom/v1/classroom_pb';
import {
  EndReason,
  type LessonEvent,
  LessonEventSchema,
  LessonPhase,
  type LessonState,
  ParticipantRole,
} from '../../gen/tongke/classroom/v1/event_pb';
import { FaultSchema, type Reason } from '../../gen/tongke/common/v1/fault_pb';
import { apply, emptyState } from '../lesson/state';

type Kind = MessageInitShape<typeof LessonEventSchema>['kind'];
type Payload = MessageInitShape<typeof AttendResponseSchema>['payload'];

export const teacherId = 'psn_teacher';
export const roomId = 'rom_one';
export const otherRoomId = 'rom_two';

/** faultError is what a service answers: a status with a typed fault in its details. */
export function faultError(code: Code, reason: Reason, metadata: Record<string, string> = {}): ConnectError {
  return new ConnectError('', code, undefined, [{ desc: FaultSchema, value: { reason, metadata } }]);
}

/** eventOf makes an event one second after the one before it. */
export function eventOf(ordinal: number, kind: Kind, actorId = ''): LessonEvent {
  return create(LessonEventSchema, {
    ordinal: BigInt(ordinal),
    at: timestampFromMs(1_700_000_000_000 + ordinal * 1_000),
    actorId,
    kind,
  });
}

export const opening: Kind = {
  case: 'lessonOpened',
  value: {
    plan: {
      lessonId: 'lsn_1',
      title: '分数',
      stageSize: 2,
      roster: [
        { participantId: teacherId, name: '主讲教师', role: ParticipantRole.LEAD_TEACHER },
        { participantId: roomId, name: '一班', role: ParticipantRole.CLASSROOM, campusId: 'cmp_1' },
        { participantId: otherRoomId, name: '二班', role: ParticipantRole.CLASSROOM, campusId: 'cmp_2' },
      ],
    },
  },
};

/** FakeLesson is a classroom service with one lesson: a log in memory, streams that a test can cut or silence. */
export class FakeLesson {
  readonly log: LessonEvent[] = [];
  readonly attends: AttendRequest[] = [];
  readonly keys: string[] = [];
  selfId = roomId;
  serverTimeMs = 1_700_000_000_000;
  /** What the next calls of Attend, and the next commands, fail with, first to last. */
  readonly attendErrors: ConnectError[] = [];
  readonly commandErrors: ConnectError[] = [];
  #streams = new Set<Queue<AttendResponse>>();
  readonly #done = new Set<string>();

  readonly transport: Transport = createRouterTransport((router) => this.serve(router));

  /** serve makes it part of a larger fake server. */
  serve({ service }: ConnectRouter): void {
    service(ClassroomService, {
      attend: (request, { signal }) => this.#attend(request, signal),
      raiseHand: ({ idempotencyKey, participantId }) =>
        this.#command(idempotencyKey, { case: 'handRaised', value: { participantId } }),
      lowerHand: ({ idempotencyKey, participantId }) =>
        this.#command(idempotencyKey, { case: 'handLowered', value: { participantId } }),
      setHeadCount: ({ idempotencyKey, participantId, count }) =>
        this.#command(idempotencyKey, { case: 'headCountSet', value: { participantId, count } }),
      setStage: ({ idempotencyKey, participantId }) =>
        this.#command(idempotencyKey, { case: 'steppedOffStage', value: { participantId } }),
      answerPoll: ({ idempotencyKey, participantId, pollId, counts }) =>
        this.#command(idempotencyKey, { case: 'pollAnswered', value: { pollId, participantId, counts } }),
      postChat: ({ idempotencyKey, text }) =>
        this.#command(idempotencyKey, { case: 'chatPosted', value: { text } }, this.selfId),
      endLesson: ({ idempotencyKey }) =>
        this.#command(idempotencyKey, { case: 'lessonEnded', value: { reason: EndReason.BY_HAND } }),
      getLessonPhases: () => ({ phases: { lsn_1: this.state().phase } }),
      leaveLesson: () => ({}),
    });
  }

  async *#attend(request: AttendRequest, signal: AbortSignal): AsyncIterable<AttendResponse> {
    this.attends.push(request);
    const error = this.attendErrors.shift();
    if (error) throw error;
    const queue = new Queue<AttendResponse>();
    if (request.fromOrdinal === 0n) {
      queue.push(this.#message({ case: 'snapshot', value: { state: this.state(), selfId: this.selfId } }));
    }
    const missed = request.fromOrdinal === 0n ? [] : this.log.slice(Number(request.fromOrdinal));
    for (const event of missed) queue.push(this.#message({ case: 'event', value: event }));
    this.#streams.add(queue);
    signal.addEventListener('abort', () => queue.end());
    yield* queue;
  }

  /** A command acts once, however often it is sent. */
  #command(key: string, kind: Kind, actorId = ''): { ordinal: bigint } {
    this.keys.push(key);
    const error = this.commandErrors.shift();
    if (error) throw error;
    if (!this.#done.has(key)) {
      this.#done.add(key);
      this.happens(kind, actorId);
    }
    return { ordinal: BigInt(this.log.length) };
  }

  constructor() {
    this.happens(opening);
  }

  state(): LessonState {
    return this.log.reduce(apply, emptyState());
  }

  /** happens appends an event and sends it to all open streams. */
  happens(kind: Kind, actorId = ''): LessonEvent {
    const event = eventOf(this.log.length + 1, kind, actorId);
    this.log.push(event);
    this.say({ case: 'event', value: event });
    return event;
  }

  /** say sends one message as it is to all open streams. */
  say(payload: Payload): void {
    for (const stream of this.#streams) stream.push(this.#message(payload));
  }

  heartbeat(lastOrdinal = this.log.length): void {
    this.say({
      case: 'heartbeat',
      value: { lastOrdinal: BigInt(lastOrdinal), serverTime: timestampFromMs(this.serverTimeMs) },
    });
  }

  /** cut ends all streams, with an error if one is given. */
  cut(error?: ConnectError): void {
    for (const stream of this.#streams) stream.end(error);
    this.#streams.clear();
  }

  /** silence keeps streams open and sends nothing on them any more. */
  silence(): void {
    this.#streams = new Set();
  }

  get ended(): boolean {
    return this.state().phase === LessonPhase.ENDED;
  }

  #message(payload: Payload): AttendResponse {
    return create(AttendResponseSchema, { payload });
  }
}

/** Queue hands messages from a test to a stream. */
class Queue<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  #wake: () => void = () => undefined;
  #over: { error?: Error } | undefined;

  push(item: T): void {
    this.#waiting.push(item);
    this.#wake();
  }

  end(error?: Error): void {
    this.#over ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      while (this.#waiting.length > 0) yield this.#waiting.shift() as T;
      if (this.#over?.error) throw this.#over.error;
      if (this.#over) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** unavailable is what a caller sees while a server restarts. */
export const unavailable = () => new ConnectError('', Code.Unavailable);
