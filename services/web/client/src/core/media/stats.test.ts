// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { pathOf } from './stats';

const remote = { id: 'R', type: 'remote-candidate', protocol: 'tcp', port: 7882 };
const others = [
  { id: 'R2', type: 'remote-candidate', protocol: 'udp', port: 7882 },
  { id: 'P2', type: 'candidate-pair', state: 'in-progress', remoteCandidateId: 'R2' },
];

describe('pathOf', () => {
  it('is that of the pair which the transport names', () => {
    const transport = { id: 'T', type: 'transport', selectedCandidatePairId: 'P' };
    const pair = { id: 'P', type: 'candidate-pair', remoteCandidateId: 'R' };
    expect(pathOf([...others, transport, pair, remote])).toEqual({ protocol: 'tcp', port: 7882 });
  });

  it('is that of the nominated pair in a browser whose transport names none', () => {
    const pair = { id: 'P', type: 'candidate-pair', nominated: true, state: 'succeeded', remoteCandidateId: 'R' };
    expect(pathOf([...others, pair, remote])).toEqual({ protocol: 'tcp', port: 7882 });
  });

  it('is unknown before a pair works', () => {
    expect(pathOf([...others, { id: 'T', type: 'transport' }])).toBeUndefined();
    expect(pathOf([])).toBeUndefined();
  });
});
