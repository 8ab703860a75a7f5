/** What the operator's board shows first. Pure. */
import {
  Finding,
  HealthLight,
  type LessonHealth,
  type ParticipantHealth,
} from '../../gen/tongke/classroom/v1/health_pb';
import { millis } from '../../ui/time';

export interface Absence {
  readonly lesson: LessonHealth;
  readonly participant: ParticipantHealth;
}

const severity: Record<HealthLight, number> = {
  [HealthLight.RED]: 0,
  [HealthLight.YELLOW]: 1,
  [HealthLight.GREY]: 2,
  [HealthLight.UNSPECIFIED]: 2,
  [HealthLight.GREEN]: 3,
};

/** Expected by now and never seen: said once, at the top of the board. */
export function isAbsent(participant: ParticipantHealth): boolean {
  return participant.finding === Finding.EXPECTED_BUT_ABSENT;
}

/** Who should be there and is not, over all lessons; the longest missing first. */
export function absences(lessons: readonly LessonHealth[]): Absence[] {
  return lessons
    .flatMap((lesson) => lesson.participants.filter(isAbsent).map((participant) => ({ lesson, participant })))
    .sort((a, b) => (millis(a.participant.since) || 0) - (millis(b.participant.since) || 0));
}

/** Lessons with an absence first, then by light, then by start. The server's order breaks ties. */
export function worstFirst(lessons: readonly LessonHealth[]): LessonHealth[] {
  return [...lessons].sort(
    (a, b) =>
      Number(b.participants.some(isAbsent)) - Number(a.participants.some(isAbsent)) ||
      severity[a.light] - severity[b.light] ||
      (millis(a.startsAt) || 0) - (millis(b.startsAt) || 0),
  );
}

/** Participants of one lesson: absence first, then the worst light. */
export function participantsWorstFirst(lesson: LessonHealth): ParticipantHealth[] {
  return [...lesson.participants].sort(
    (a, b) => Number(isAbsent(b)) - Number(isAbsent(a)) || severity[a.light] - severity[b.light],
  );
}

export function needsAttention({ light }: { light: HealthLight }): boolean {
  return light === HealthLight.RED || light === HealthLight.YELLOW;
}
