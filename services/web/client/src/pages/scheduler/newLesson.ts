/** What the form of a new lesson becomes, and which field a refusal belongs to. Pure. */
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Fault } from '../../core/fault';
import type { Zone } from '../../core/zone';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import type { LessonKind } from '../../gen/tongke/scheduling/v1/scheduling_pb';

export interface LessonFields {
  kind: LessonKind;
  title: string;
  teacherId: string;
  classroomIds: string[];
  /** "2026-11-23" and "09:05", as the campus's calendar and clock show them. */
  date: string;
  start: string;
  minutes: number;
}

/** Milliseconds at which the lesson starts; NaN while date or time is missing. */
export function startOf({ date, start }: Partial<Pick<LessonFields, 'date' | 'start'>>, zone: Zone): number {
  return zone.moment(date ?? '', start ?? '');
}

export function planOf(fields: LessonFields, zone: Zone) {
  const startsAt = startOf(fields, zone);
  return {
    kind: fields.kind,
    title: fields.title.trim(),
    teacherId: fields.teacherId,
    classroomIds: fields.classroomIds,
    startsAt: timestampFromMs(startsAt),
    endsAt: timestampFromMs(startsAt + fields.minutes * 60_000),
  };
}

const fieldOfRequest: Record<string, keyof LessonFields> = {
  kind: 'kind',
  title: 'title',
  teacher_id: 'teacherId',
  classroom_ids: 'classroomIds',
  starts_at: 'start',
  ends_at: 'minutes',
};

/** The field to show a refusal next to; undefined when it belongs to the form as a whole. */
export function fieldOf(fault: Fault): keyof LessonFields | undefined {
  if (fault.reason === Reason.TEACHER_BOOKED) return 'teacherId';
  if (fault.reason === Reason.CLASSROOM_BOOKED) return 'classroomIds';
  const path = fault.violations[0]?.field ?? '';
  return fieldOfRequest[path.replace(/\[.*$/, '').replace(/^.*\./, '')];
}
