import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { LessonPhase } from '../gen/tongke/classroom/v1/event_pb';
import type { Lesson } from '../gen/tongke/scheduling/v1/scheduling_pb';
import type { Api } from './api';
import type { ServerClock } from './clock';

/** So many phases are told in one answer. */
const phasesAtOnce = 200;

export interface LessonSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly classroomId?: string;
}

/** listLessons lists all lessons of a span, by start, in as many answers as it takes. */
export async function listLessons(
  api: Api,
  clock: ServerClock,
  span: LessonSpan,
  signal?: AbortSignal,
): Promise<Lesson[]> {
  const lessons: Lesson[] = [];
  for (;;) {
    const answer = await api.scheduling.listLessons(
      {
        from: timestampFromMs(span.fromMs),
        to: timestampFromMs(span.toMs),
        classroomId: span.classroomId ?? '',
        afterLessonId: lessons.at(-1)?.id ?? '',
      },
      { signal },
    );
    clock.observe(answer.serverTime);
    lessons.push(...answer.lessons);
    if (!answer.more || answer.lessons.length === 0) return lessons;
  }
}

/** listPhases tells where lessons stand; those that nobody has entered are left out. */
export async function listPhases(
  api: Api,
  lessons: readonly Lesson[],
  signal?: AbortSignal,
): Promise<Record<string, LessonPhase>> {
  const phases: Record<string, LessonPhase> = {};
  for (let at = 0; at < lessons.length; at += phasesAtOnce) {
    const lessonIds = lessons.slice(at, at + phasesAtOnce).map((lesson) => lesson.id);
    const answer = await api.classroom.getLessonPhases({ lessonIds }, { signal });
    Object.assign(phases, answer.phases);
  }
  return phases;
}
