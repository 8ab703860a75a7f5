import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { LessonPhase } from '../../gen/tongke/classroom/v1/event_pb';
import { LessonPlanStatus, LessonSchema } from '../../gen/tongke/scheduling/v1/scheduling_pb';
import { nextOf, type Standing, standingOf } from './day';

const minute = 60_000;
const start = 1_700_000_000_000;

function lesson(id = 'a', status = LessonPlanStatus.PLANNED) {
  return create(LessonSchema, {
    id,
    status,
    startsAt: timestampFromMs(start),
    endsAt: timestampFromMs(start + 40 * minute),
  });
}

describe('standingOf', () => {
  it.each<[string, LessonPhase | undefined, number, Standing]>([
    ['is later until 15 minutes before its start', undefined, start - 16 * minute, 'later'],
    ['is open from 15 minutes before its start', undefined, start - 15 * minute, 'open'],
    ['stays open for entering a little past its end', LessonPhase.WAITING, start + 49 * minute, 'open'],
    ['is missed when nobody started it', undefined, start + 51 * minute, 'missed'],
    ['is live as long as it is, however late', LessonPhase.LIVE, start + 90 * minute, 'live'],
    ['is ended once it was ended, however early', LessonPhase.ENDED, start + minute, 'ended'],
  ])('%s', (_, phase, now, standing) => {
    expect(standingOf(lesson(), phase, now)).toBe(standing);
  });

  it('is cancelled before anything else', () => {
    expect(standingOf(lesson('a', LessonPlanStatus.CANCELLED), LessonPhase.LIVE, start)).toBe('cancelled');
  });
});

describe('nextOf', () => {
  const all = ['ended', 'later', 'open', 'live'].map((id) => lesson(id));

  it('prefers the live lesson, then the open one, then the first to come', () => {
    const standing = (one: { id: string }) => one.id as Standing;
    expect(nextOf(all, standing)?.id).toBe('live');
    expect(nextOf(all.slice(0, 3), standing)?.id).toBe('open');
    expect(nextOf(all.slice(0, 2), standing)?.id).toBe('later');
    expect(nextOf(all.slice(0, 1), standing)).toBeUndefined();
  });
});
