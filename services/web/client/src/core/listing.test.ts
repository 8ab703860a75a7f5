import { create } from '@bufbuild/protobuf';
import { createRouterTransport } from '@connectrpc/connect';
import { describe, expect, it } from 'vitest';
import { ClassroomService } from '../gen/tongke/classroom/v1/classroom_pb';
import { LessonPhase } from '../gen/tongke/classroom/v1/event_pb';
import { LessonSchema, SchedulingService } from '../gen/tongke/scheduling/v1/scheduling_pb';
import { createApi } from './api';
import { ServerClock } from './clock';
import { listLessons, listPhases } from './listing';

/** A server with so many lessons, of which it lists four at once. */
function serverWith(count: number) {
  const all = Array.from({ length: count }, (_, n) => create(LessonSchema, { id: `lsn_${n}` }));
  const asked: number[] = [];
  const transport = createRouterTransport((router) => {
    router.service(SchedulingService, {
      listLessons: ({ afterLessonId }) => {
        const rest = all.slice(all.findIndex((lesson) => lesson.id === afterLessonId) + 1);
        return { lessons: rest.slice(0, 4), more: rest.length >= 4 };
      },
    });
    router.service(ClassroomService, {
      getLessonPhases: ({ lessonIds }) => {
        asked.push(lessonIds.length);
        return { phases: Object.fromEntries(lessonIds.map((id) => [id, LessonPhase.LIVE])) };
      },
    });
  });
  return { api: createApi(transport), all, asked };
}

describe('a listing', () => {
  it.each([0, 1, 3, 4, 5, 12])('of %i lessons has every lesson once', async (count) => {
    const { api, all } = serverWith(count);
    const lessons = await listLessons(api, new ServerClock(), { fromMs: 0, toMs: 1 });
    expect(lessons.map((lesson) => lesson.id)).toEqual(all.map((lesson) => lesson.id));
  });

  it('asks for the phases of many lessons in portions', async () => {
    const { api, all, asked } = serverWith(401);
    expect(Object.keys(await listPhases(api, all))).toHaveLength(401);
    expect(asked).toEqual([200, 200, 1]);
  });
});
