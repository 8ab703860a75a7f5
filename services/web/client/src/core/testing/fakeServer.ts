import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Code, createRouterTransport } from '@connectrpc/connect';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import { Role } from '../../gen/tongke/common/v1/rule_pb';
import {
  type Classroom,
  ClassroomSchema,
  DirectoryService,
  type Person,
  PersonSchema,
} from '../../gen/tongke/directory/v1/directory_pb';
import {
  type Lesson,
  LessonPlanStatus,
  LessonSchema,
  SchedulingService,
} from '../../gen/tongke/scheduling/v1/scheduling_pb';
import { SessionService } from '../../gen/tongke/web/v1/session_pb';
import { FakeLesson, faultError, roomId } from './fakeLesson';

export const classroom: Classroom = create(ClassroomSchema, {
  id: roomId,
  name: '一班',
  campusName: '分校',
  campusId: 'cmp_1',
  timeZone: 'Asia/Shanghai',
});
export const assistant: Person = create(PersonSchema, {
  id: 'psn_helper',
  name: '助教',
  campusId: 'cmp_1',
  roles: [Role.ASSISTANT],
  timeZone: 'Asia/Shanghai',
});

/** FakeServer is everything that a browser may call, with one classroom and one lesson. */
export class FakeServer {
  readonly lesson = new FakeLesson();
  /** Who the cookie stands for; nobody while a screen is not paired. */
  who: { case: 'person'; value: Person } | { case: 'classroom'; value: Classroom } | undefined;
  lessons: Lesson[] = [];
  serverTimeMs = 1_700_000_000_000;
  codes: string[] = [];
  claimed = false;

  readonly transport = createRouterTransport((router) => {
    this.lesson.serve(router);
    router.service(SessionService, {
      getSession: () => ({ principal: this.who && { who: this.who }, serverTime: this.#now(), version: '1' }),
      signOut: () => {
        this.who = undefined;
        return {};
      },
      startPairing: () => {
        this.codes.push(`CODE${this.codes.length + 10}`);
        return { code: this.codes.at(-1), expiresAt: timestampFromMs(this.serverTimeMs + 600_000) };
      },
      finishPairing: () => {
        if (!this.claimed) return {};
        this.who = { case: 'classroom', value: classroom };
        return { classroom };
      },
    });
    router.service(SchedulingService, {
      listLessons: () => {
        if (!this.who) throw faultError(Code.Unauthenticated, Reason.SESSION_EXPIRED);
        return { lessons: this.lessons, serverTime: this.#now() };
      },
    });
    router.service(DirectoryService, { listClassrooms: () => ({ classrooms: [classroom] }) });
  });

  /** plan puts a lesson on today's timetable. */
  plan(startsInMs: number, id = 'lsn_1', title = '分数'): void {
    const startsAt = this.serverTimeMs + startsInMs;
    this.lessons.push(
      create(LessonSchema, {
        id,
        title,
        startsAt: timestampFromMs(startsAt),
        endsAt: timestampFromMs(startsAt + 2_400_000),
        status: LessonPlanStatus.PLANNED,
        classrooms: [classroom],
      }),
    );
  }

  #now() {
    return timestampFromMs(this.serverTimeMs);
  }
}
