import {
  type LessonState,
  ParticipantRole,
  type ParticipantState,
  type PollAnswered,
  Presence,
} from '../../gen/tongke/classroom/v1/event_pb';

// Questions that several pages ask of a lesson's state. All are pure.

export function participantOf(state: LessonState, id: string): ParticipantState | undefined {
  return state.participants.find((one) => one.entry?.participantId === id);
}

export function nameIn(state: LessonState, id: string): string {
  return participantOf(state, id)?.entry?.name ?? '';
}

export function leadTeacherOf(state: LessonState): ParticipantState | undefined {
  return state.participants.find((one) => one.entry?.role === ParticipantRole.LEAD_TEACHER);
}

/** classroomsOf gives the branch classrooms in the order of the roster. */
export function classroomsOf(state: LessonState): ParticipantState[] {
  return state.participants.filter((one) => one.entry?.role === ParticipantRole.CLASSROOM);
}

/** placeInQueue is 1 for the first raised hand, 0 for a hand that is down. */
export function placeInQueue(state: LessonState, id: string): number {
  return state.hands.findIndex((hand) => hand.participantId === id) + 1;
}

export function isOnStage(state: LessonState, id: string): boolean {
  return state.stage.includes(id);
}

/** teacherPresence: absent before the lead teacher came, reconnecting after its stream broke. */
export function teacherPresence(state: LessonState): Presence {
  return leadTeacherOf(state)?.presence ?? Presence.ABSENT;
}

/** openPollOf is the poll that can be answered now. */
export function openPollOf(state: LessonState) {
  return state.poll && state.poll.pollId !== '' && !state.poll.closed ? state.poll : undefined;
}

export function answerOf(state: LessonState, id: string): PollAnswered | undefined {
  return state.poll?.answers.find((one) => one.participantId === id);
}
