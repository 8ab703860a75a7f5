/** Where each of a teacher's lessons stands, and which comes next. Pure. */
import { opensBeforeMs } from '../../core/day';
import { LessonPhase } from '../../gen/tongke/classroom/v1/event_pb';
import { type Lesson, LessonPlanStatus } from '../../gen/tongke/scheduling/v1/scheduling_pb';
import { millis } from '../../ui/time';

export type Standing =
  /** Being taught now. */
  | 'live'
  /** Can be entered. */
  | 'open'
  | 'later'
  | 'ended'
  /** Its time passed without anybody starting it. */
  | 'missed'
  | 'cancelled';

/** Lessons run over; a lesson that nobody started stays open for entering this long after its end. */
const graceMs = 10 * 60_000;

export function standingOf(lesson: Lesson, phase: LessonPhase | undefined, now: number): Standing {
  if (lesson.status === LessonPlanStatus.CANCELLED) return 'cancelled';
  if (phase === LessonPhase.LIVE) return 'live';
  if (phase === LessonPhase.ENDED) return 'ended';
  if (now > millis(lesson.endsAt) + graceMs) return 'missed';
  return now >= opensAt(lesson) ? 'open' : 'later';
}

export function opensAt(lesson: Lesson): number {
  return millis(lesson.startsAt) - opensBeforeMs;
}

/** The lesson to offer in large: the live one, else the first that is open, else the first to come. */
export function nextOf(lessons: readonly Lesson[], standing: (lesson: Lesson) => Standing): Lesson | undefined {
  for (const wanted of ['live', 'open', 'later'] as const) {
    const found = lessons.find((lesson) => standing(lesson) === wanted);
    if (found) return found;
  }
  return undefined;
}
