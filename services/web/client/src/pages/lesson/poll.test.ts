import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { PollStateSchema } from '../../gen/tongke/classroom/v1/event_pb';
import { totalsOf, usable } from './poll';

const answers = [
  { pollId: 'p', participantId: 'a', counts: [3, 20] },
  { pollId: 'p', participantId: 'b', counts: [1] },
];

describe('totalsOf', () => {
  it('adds up the answers while the poll is open', () => {
    expect(totalsOf(create(PollStateSchema, { options: ['对', '错'], answers }))).toEqual([4, 20]);
  });

  it('takes the server’s totals once it is closed', () => {
    const closed = { options: ['对', '错'], answers, closed: true, totals: [5, 21] };
    expect(totalsOf(create(PollStateSchema, closed))).toEqual([5, 21]);
  });

  it('is zero for every option before the first answer', () => {
    expect(totalsOf(create(PollStateSchema, { options: ['A', 'B', 'C'] }))).toEqual([0, 0, 0]);
  });
});

describe('usable', () => {
  it('leaves out options that nobody filled in', () => {
    expect(usable([' 春 ', '', '  ', '秋'])).toEqual(['春', '秋']);
  });
});
