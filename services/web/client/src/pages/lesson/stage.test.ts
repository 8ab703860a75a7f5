import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { LessonStateSchema, ParticipantRole } from '../../gen/tongke/classroom/v1/event_pb';
import { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';
import { stageLook } from './stage';

function stateWith(...stage: string[]) {
  return create(LessonStateSchema, {
    stage,
    participants: [{ entry: { participantId: 'lead', role: ParticipantRole.LEAD_TEACHER } }],
  });
}

const ids = (shown: readonly { participantId: string }[]) => shown.map((one) => one.participantId);

describe('stageLook', () => {
  it('shows the lead teacher large while nobody is on stage', () => {
    const { main, aside } = stageLook(stateWith(), undefined);
    expect([ids(main), ids(aside)]).toEqual([['lead'], []]);
  });

  it('shows who is on stage large, in the order of stepping on, and the lead teacher small', () => {
    const { main, aside } = stageLook(stateWith('b', 'a'), undefined);
    expect([ids(main), ids(aside)]).toEqual([['b', 'a'], ['lead']]);
  });

  it('shows a shared screen largest, and everybody else small', () => {
    const shared = { participantId: 'encoder', kind: MediaKind.SCREEN };
    const { main, aside } = stageLook(stateWith('a'), shared);
    expect(main).toEqual([shared]);
    expect(ids(aside)).toEqual(['a', 'lead']);
  });
});
