import { timestampMs } from '@bufbuild/protobuf/wkt';
import { LessonPhase } from '../gen/tongke/classroom/v1/event_pb';
import { type Lesson, LessonPlanStatus } from '../gen/tongke/scheduling/v1/scheduling_pb';
import { type Api, retried } from './api';
import type { ServerClock } from './clock';
import { type Fault, faultOf } from './fault';
import { listLessons, listPhases } from './listing';
import { Store } from './store';
import type { Zone } from './zone';

/** A lesson can be entered this long before it starts. */
export const opensBeforeMs = 15 * 60_000;
/** A plan may change at any time; so often it is read again. */
const readEveryMs = 20_000;
/** What begins so soon is of interest, on whichever side of midnight. */
const soonMs = 2 * 3_600_000;
/** A lesson that was started just before midnight and runs late is still today's. */
const lateMs = 2 * 3_600_000;

export interface DayView {
  readonly status: 'loading' | 'ok' | 'failed';
  /** Lessons of today that were not cancelled, by start. */
  readonly lessons: readonly Lesson[];
  readonly phases: Readonly<Record<string, LessonPhase>>;
  readonly fault?: Fault;
}

/** Day knows today's lessons of whoever is signed in, and which of them are live or over. */
export class Day extends Store<DayView> {
  readonly #api: Api;
  readonly #clock: ServerClock;
  readonly #zone: Zone;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(api: Api, clock: ServerClock, zone: Zone) {
    super({ status: 'loading', lessons: [], phases: {} });
    this.#api = api;
    this.#clock = clock;
    this.#zone = zone;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.read(), readEveryMs);
    void this.read();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** read asks now; what was known stays while it fails. */
  async read(): Promise<void> {
    try {
      const { fromMs, toMs } = today(this.#zone, this.#clock.now());
      const span = { fromMs: fromMs - lateMs, toMs };
      const listed = await retried(() => listLessons(this.#api, this.#clock, span), 2);
      const lessons = listed.filter((lesson) => lesson.status !== LessonPlanStatus.CANCELLED);
      const phases = await retried(() => listPhases(this.#api, lessons), 2);
      this.set({ status: 'ok', lessons, phases });
    } catch (error) {
      this.patch({ status: 'failed', fault: faultOf(error) });
    }
  }
}

/** today is the campus's day of a moment, and the first hours of the next one late in the evening. */
export function today(zone: Zone, nowMs: number): { fromMs: number; toMs: number } {
  const { fromMs, toMs } = zone.dayOf(zone.date(nowMs));
  return { fromMs, toMs: Math.max(toMs, nowMs + soonMs) };
}

/** lessonToJoin is the lesson to be in now: the live one first, else one that is open and not over. */
export function lessonToJoin(
  { lessons, phases }: DayView,
  nowMs: number,
  over: ReadonlySet<string>,
): Lesson | undefined {
  const open = lessons.filter(
    (lesson) =>
      !over.has(lesson.id) && phases[lesson.id] !== LessonPhase.ENDED && startOf(lesson) - opensBeforeMs <= nowMs,
  );
  return open.find((lesson) => phases[lesson.id] === LessonPhase.LIVE) ?? open.find((lesson) => nowMs < endOf(lesson));
}

/** nextLesson is the first that has not started yet; `over` is one that the phases do not know to have ended. */
export function nextLesson({ lessons, phases }: DayView, nowMs: number, over?: string): Lesson | undefined {
  return lessons.find(
    (lesson) => startOf(lesson) > nowMs && phases[lesson.id] !== LessonPhase.ENDED && lesson.id !== over,
  );
}

export function startOf(lesson: Lesson): number {
  return lesson.startsAt ? timestampMs(lesson.startsAt) : 0;
}

export function endOf(lesson: Lesson): number {
  return lesson.endsAt ? timestampMs(lesson.endsAt) : 0;
}
