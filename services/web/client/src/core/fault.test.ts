// @vitest-environment node
import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, it } from 'vitest';
import { FaultSchema, Reason } from '../gen/tongke/common/v1/fault_pb';
import { faultOf, isTransient, reasonOf } from './fault';

describe('faultOf', () => {
  it('reads reason, facts and the time to wait from the typed detail', () => {
    const error = new ConnectError('', Code.ResourceExhausted, undefined, [
      {
        desc: FaultSchema,
        value: { reason: Reason.ACCOUNT_LOCKED, metadata: { minutes: '5' }, retryAfter: { seconds: 300n } },
      },
    ]);
    expect(faultOf(error)).toMatchObject({
      reason: Reason.ACCOUNT_LOCKED,
      name: 'ACCOUNT_LOCKED',
      metadata: { minutes: '5' },
      retryAfterMs: 300_000,
    });
  });

  it('falls back on the code where something between client and service answered', () => {
    expect(reasonOf(new ConnectError('', Code.Unavailable))).toBe(Reason.UNAVAILABLE);
    expect(reasonOf(new ConnectError('', Code.Unauthenticated))).toBe(Reason.UNAUTHENTICATED);
    expect(reasonOf(new ConnectError('', Code.DataLoss))).toBe(Reason.INTERNAL);
  });

  it('takes a broken network for unavailable, and what it does not know for internal', () => {
    expect(reasonOf(ConnectError.from(new TypeError('Failed to fetch')))).toBe(Reason.UNAVAILABLE);
    expect(reasonOf(new Error('boom'))).toBe(Reason.INTERNAL);
    expect(reasonOf(new DOMException('', 'AbortError'))).toBe(Reason.CANCELLED);
  });

  it('takes a reason of a newer server by its code', () => {
    const error = new ConnectError('', Code.NotFound, undefined, [
      { desc: FaultSchema, value: { reason: 999 as Reason } },
    ]);
    expect(reasonOf(error)).toBe(Reason.NOT_FOUND);
  });

  it('repeats calls for passing reasons only', () => {
    expect(isTransient(Reason.UNAVAILABLE)).toBe(true);
    expect(isTransient(Reason.STAGE_FULL)).toBe(false);
    expect(isTransient(Reason.SESSION_EXPIRED)).toBe(false);
  });
});
