/** Enumerations of the contracts as words: one place, so that pages cannot call one thing by two names. */
import { LessonPhase, ParticipantRole, Presence } from '../gen/tongke/classroom/v1/event_pb';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import { SchoolLevel } from '../gen/tongke/directory/v1/directory_pb';
import { LessonKind } from '../gen/tongke/scheduling/v1/scheduling_pb';

export const kindWord = {
  [LessonKind.UNSPECIFIED]: 'unknown',
  [LessonKind.DELIVERED_CLASS]: 'kindDeliveredClass',
  [LessonKind.DUAL_TEACHER_CLASS]: 'kindDualTeacherClass',
  [LessonKind.OPEN_LESSON]: 'kindOpenLesson',
  [LessonKind.JOINT_PREPARATION]: 'kindJointPreparation',
  [LessonKind.TEACHING_RESEARCH]: 'kindTeachingResearch',
  [LessonKind.OBSERVATION]: 'kindObservation',
  [LessonKind.TEACHER_TRAINING]: 'kindTeacherTraining',
  [LessonKind.OFF_CAMPUS_EVENT]: 'kindOffCampusEvent',
} as const satisfies Record<LessonKind, string>;

export const levelWord = {
  [SchoolLevel.UNSPECIFIED]: 'unknown',
  [SchoolLevel.KINDERGARTEN]: 'levelKindergarten',
  [SchoolLevel.PRIMARY]: 'levelPrimary',
  [SchoolLevel.JUNIOR]: 'levelJunior',
  [SchoolLevel.SENIOR]: 'levelSenior',
  [SchoolLevel.VOCATIONAL]: 'levelVocational',
  [SchoolLevel.UNIVERSITY]: 'levelUniversity',
} as const satisfies Record<SchoolLevel, string>;

export const phaseWord = {
  [LessonPhase.UNSPECIFIED]: 'phaseWaiting',
  [LessonPhase.WAITING]: 'phaseWaiting',
  [LessonPhase.LIVE]: 'phaseLive',
  [LessonPhase.ENDED]: 'phaseEnded',
} as const satisfies Record<LessonPhase, string>;

export const presenceWord = {
  [Presence.UNSPECIFIED]: 'presenceAbsent',
  [Presence.ABSENT]: 'presenceAbsent',
  [Presence.PRESENT]: 'presencePresent',
  [Presence.RECONNECTING]: 'presenceReconnecting',
} as const satisfies Record<Presence, string>;

export const participantWord = {
  [ParticipantRole.UNSPECIFIED]: 'unknown',
  [ParticipantRole.LEAD_TEACHER]: 'participantLeadTeacher',
  [ParticipantRole.ASSISTANT_TEACHER]: 'participantAssistantTeacher',
  [ParticipantRole.CLASSROOM]: 'participantClassroom',
  [ParticipantRole.OBSERVER]: 'participantObserver',
  [ParticipantRole.ENCODER]: 'participantEncoder',
} as const satisfies Record<ParticipantRole, string>;

/** Roles that people hold; devices and services have theirs from elsewhere. */
export const roleWord = {
  [Role.TEACHER]: 'roleTeacher',
  [Role.ASSISTANT]: 'roleAssistant',
  [Role.OBSERVER]: 'roleObserver',
  [Role.SCHEDULER]: 'roleScheduler',
  [Role.OPERATOR]: 'roleOperator',
  [Role.ADMINISTRATOR]: 'roleAdministrator',
} as const;

export type PersonRole = keyof typeof roleWord;

export const personRoles = [
  Role.TEACHER,
  Role.ASSISTANT,
  Role.OBSERVER,
  Role.SCHEDULER,
  Role.OPERATOR,
  Role.ADMINISTRATOR,
] as const satisfies readonly PersonRole[];

export function isPersonRole(role: Role): role is PersonRole {
  return role in roleWord;
}
