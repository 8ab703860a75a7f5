import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Code, createRouterTransport, type Transport } from '@connectrpc/connect';
import { apply, emptyState } from '../../core/lesson/state';
import { faultError } from '../../core/testing/fakeLesson';
import {
  type AttendResponse,
  AttendResponseSchema,
  ClassroomService,
  WatchHealthResponseSchema,
} from '../../gen/tongke/classroom/v1/classroom_pb';
import {
  LessonEventSchema,
  LessonPhase,
  type LessonState,
  ParticipantRole,
} from '../../gen/tongke/classroom/v1/event_pb';
import type { LessonHealthSchema } from '../../gen/tongke/classroom/v1/health_pb';
import { type MediaToken, MediaTokenSchema } from '../../gen/tongke/classroom/v1/media_token_pb';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import { Role } from '../../gen/tongke/common/v1/rule_pb';
import { ClassroomSchema, DirectoryService, PersonSchema } from '../../gen/tongke/directory/v1/directory_pb';
import { LessonPlanStatus, LessonSchema, SchedulingService } from '../../gen/tongke/scheduling/v1/scheduling_pb';
import { SessionService } from '../../gen/tongke/web/v1/session_pb';

type Kind = MessageInitShape<typeof LessonEventSchema>['kind'];
type Health = MessageInitShape<typeof LessonHealthSchema>;

export const teacher = create(PersonSchema, {
  id: 'psn_t',
  login: 'teacher',
  name: '主讲教师',
  roles: [Role.TEACHER],
  timeZone: 'Asia/Shanghai',
});
export const rooms = [
  create(ClassroomSchema, { id: 'rom_1', name: '三年级一班', campusId: 'cmp_1', campusName: '雄安校区' }),
  create(ClassroomSchema, { id: 'rom_2', name: '三年级二班', campusId: 'cmp_1', campusName: '雄安校区' }),
];
export const lessonId = 'lsn_1';

/**
 * FakeSchool answers every call that the pages make: one teacher, two classrooms, one lesson with a log in memory.
 * Tests change its public fields, make events happen, and look at what was called.
 */
export class FakeSchool {
  /** Who is signed in; nobody when unset. */
  person = create(PersonSchema, { ...teacher });
  signedIn = true;
  teachers = [teacher];
  now = Date.now();
  /** Whether offers are answered. */
  relay = false;
  health: Health[] = [];
  /** Media tokens of the lesson, oldest first. */
  readonly tokens: MediaToken[] = [];
  /** What the next call of a method fails with, by method name. */
  readonly failures = new Map<string, Error>();
  /** Names of the methods called, with their requests. */
  readonly calls: { name: string; request: object }[] = [];
  #state: LessonState = emptyState();
  #streams = new Set<(message: AttendResponse | Error) => void>();

  constructor() {
    this.happens({
      case: 'lessonOpened',
      value: {
        plan: {
          lessonId,
          title: '认识分数',
          stageSize: 2,
          startsAt: timestampFromMs(this.now),
          endsAt: timestampFromMs(this.now + 40 * 60_000),
          roster: [
            { participantId: teacher.id, name: teacher.name, role: ParticipantRole.LEAD_TEACHER },
            ...rooms.map((room) => ({
              participantId: room.id,
              name: room.name,
              campusName: room.campusName,
              role: ParticipantRole.CLASSROOM,
            })),
          ],
        },
      },
    });
  }

  get lesson() {
    return create(LessonSchema, {
      id: lessonId,
      title: '认识分数',
      teacher,
      classrooms: rooms,
      status: LessonPlanStatus.PLANNED,
      startsAt: timestampFromMs(this.now),
      endsAt: timestampFromMs(this.now + 40 * 60_000),
    });
  }

  get state(): LessonState {
    return this.#state;
  }

  called(name: string): object[] {
    return this.calls.filter((call) => call.name === name).map((call) => call.request);
  }

  happens(kind: Kind, actorId = ''): bigint {
    const ordinal = this.#state.ordinal + 1n;
    const event = create(LessonEventSchema, { ordinal, at: timestampFromMs(this.now), actorId, kind });
    this.#state = apply(this.#state, event);
    for (const stream of this.#streams)
      stream(create(AttendResponseSchema, { payload: { case: 'event', value: event } }));
    return ordinal;
  }

  start(): void {
    for (const room of rooms) this.arrives(room.id);
    this.happens({ case: 'lessonStarted', value: {} });
  }

  arrives(participantId: string): void {
    const entry = this.#state.plan?.roster.find((one) => one.participantId === participantId);
    this.happens({ case: 'participantJoined', value: { participant: entry } });
  }

  /** Ends all streams of the lesson with an error. */
  cut(error: Error): void {
    for (const stream of this.#streams) stream(error);
    this.#streams.clear();
  }

  readonly transport: Transport = createRouterTransport(({ service }) => {
    const fake = this;
    const note = <R extends object>(name: string, request: R): R => {
      fake.calls.push({ name, request });
      const failure = fake.failures.get(name);
      fake.failures.delete(name);
      if (failure) throw failure;
      return request;
    };
    const principal = () => (fake.signedIn ? { who: { case: 'person' as const, value: fake.person } } : undefined);
    service(SessionService, {
      getSession: () => ({ principal: principal(), serverTime: timestampFromMs(fake.now), version: '0.1.0' }),
      signIn: (request) => {
        note('signIn', request);
        fake.signedIn = true;
        return { principal: principal() };
      },
      signOut: () => {
        fake.signedIn = false;
        return {};
      },
    });
    service(DirectoryService, {
      listCampuses: () => ({ campuses: [{ id: 'cmp_1', name: '雄安校区' }] }),
      listClassrooms: () => ({ classrooms: rooms }),
      listPeople: () => ({ people: fake.teachers }),
      listPairings: () => ({ pairings: [] }),
      changePassword: (request) => {
        note('changePassword', request);
        return {};
      },
      claimPairingCode: (request) => {
        note('claimPairingCode', request);
        return { classroom: rooms.find((room) => room.id === request.classroomId) };
      },
    });
    service(SchedulingService, {
      listLessons: (request) => {
        note('listLessons', request);
        return { lessons: [fake.lesson], serverTime: timestampFromMs(fake.now) };
      },
      createLesson: (request) => {
        note('createLesson', request);
        return { lesson: fake.lesson };
      },
    });
    service(ClassroomService, {
      attend: async function* (request, { signal }) {
        note('attend', request);
        yield create(AttendResponseSchema, {
          payload: {
            case: 'snapshot',
            value: { state: fake.state, selfId: fake.person.id, serverTime: timestampFromMs(fake.now) },
          },
        });
        yield* fake.#follow(signal);
      },
      connectMedia: () => {
        if (!fake.relay) throw faultError(Code.Unavailable, Reason.UNAVAILABLE);
        return { answer: 'answer' };
      },
      getLessonPhases: () => ({ phases: { [lessonId]: fake.state.phase } }),
      getAttendance: () => ({ records: [] }),
      watchHealth: async function* (_, { signal }) {
        yield create(WatchHealthResponseSchema, { lessons: fake.health, serverTime: timestampFromMs(fake.now) });
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
      startLesson: (request) => {
        note('startLesson', request);
        return { ordinal: fake.happens({ case: 'lessonStarted', value: {} }) };
      },
      callOn: (request) => {
        const { participantId } = note('callOn', request);
        fake.happens({ case: 'handLowered', value: { participantId } });
        fake.happens({ case: 'calledOn', value: { participantId } });
        return { ordinal: fake.happens({ case: 'steppedOnStage', value: { participantId } }) };
      },
      setStage: (request) => {
        const { participantId, onStage } = note('setStage', request);
        const value = { participantId };
        return {
          ordinal: fake.happens(onStage ? { case: 'steppedOnStage', value } : { case: 'steppedOffStage', value }),
        };
      },
      setAudio: (request) => {
        const { participantId, open } = note('setAudio', request);
        return { ordinal: fake.happens({ case: 'audioChanged', value: { participantId, open } }) };
      },
      postChat: (request) => {
        const { text } = note('postChat', request);
        return { ordinal: fake.happens({ case: 'chatPosted', value: { text } }, fake.person.id) };
      },
      openPoll: (request) => {
        const { question, options } = note('openPoll', request);
        return { ordinal: fake.happens({ case: 'pollOpened', value: { pollId: 'pol_1', question, options } }) };
      },
      closePoll: (request) => {
        const { pollId } = note('closePoll', request);
        const totals = (fake.state.poll?.options ?? []).map((_, option) =>
          (fake.state.poll?.answers ?? []).reduce((sum, answer) => sum + (answer.counts[option] ?? 0), 0),
        );
        return { ordinal: fake.happens({ case: 'pollClosed', value: { pollId, totals } }) };
      },
      endLesson: (request) => {
        note('endLesson', request);
        return { ordinal: fake.happens({ case: 'lessonEnded', value: {} }) };
      },
      leaveLesson: () => ({}),
      issueMediaToken: (request) => {
        const { use, name, picture } = note('issueMediaToken', request);
        const token = create(MediaTokenSchema, {
          tokenId: `mtk_${fake.tokens.length + 1}`,
          use,
          name,
          picture,
          issuedBy: fake.person.id,
          issuedAt: timestampFromMs(fake.now),
        });
        fake.tokens.push(token);
        return { token, secret: `secret-${token.tokenId}` };
      },
      listMediaTokens: (request) => {
        note('listMediaTokens', request);
        return { tokens: fake.tokens };
      },
      revokeMediaToken: (request) => {
        const { tokenId } = note('revokeMediaToken', request);
        for (const token of fake.tokens) {
          if (token.tokenId === tokenId) [token.revoked, token.inUse] = [true, false];
        }
        return {};
      },
    });
  });

  async *#follow(signal: AbortSignal): AsyncGenerator<AttendResponse> {
    const waiting: (AttendResponse | Error)[] = [];
    let wake: () => void = () => undefined;
    const receive = (message: AttendResponse | Error) => {
      waiting.push(message);
      wake();
    };
    this.#streams.add(receive);
    signal.addEventListener('abort', () => receive(new Error('the reader has gone')));
    for (;;) {
      for (const message of waiting.splice(0)) {
        if (message instanceof Error) throw message;
        yield message;
        if (this.state.phase === LessonPhase.ENDED && waiting.length === 0) return;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
}
