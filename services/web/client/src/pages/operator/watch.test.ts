import { Code, ConnectError, createRouterTransport } from '@connectrpc/connect';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCore } from '../../core/core';
import { faultError } from '../../core/testing/fakeLesson';
import { ClassroomService } from '../../gen/tongke/classroom/v1/classroom_pb';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import { HealthWatch } from './watch';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Each opening of the stream sends one answer and then does what its turn says. */
function watching(...turns: ('silence' | ConnectError)[]) {
  let opened = 0;
  const { api, clock } = createCore(
    createRouterTransport(({ service }) => {
      service(ClassroomService, {
        async *watchHealth(_, { signal }) {
          const turn = turns[opened++] ?? 'silence';
          yield { lessons: [{ lessonId: `lsn_${opened}` }] };
          if (turn !== 'silence') throw turn;
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
      });
    }),
  );
  const watch = new HealthWatch(api, clock);
  watch.start();
  return { watch, openings: () => opened };
}

describe('HealthWatch', () => {
  it('keeps showing the last state while it opens a broken stream again', async () => {
    const { watch } = watching(new ConnectError('', Code.Unavailable));
    await vi.advanceTimersByTimeAsync(100);
    expect(watch.getSnapshot()).toMatchObject({ status: 'reconnecting', lessons: [{ lessonId: 'lsn_1' }] });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(watch.getSnapshot()).toMatchObject({ status: 'live', lessons: [{ lessonId: 'lsn_2' }] });
    watch.stop();
  });

  it('takes six seconds of silence for a dead stream', async () => {
    const { watch, openings } = watching('silence');
    await vi.advanceTimersByTimeAsync(5_900);
    expect(openings()).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(openings()).toBe(2);
    watch.stop();
  });

  it('stops where it is not allowed, and starts again when asked', async () => {
    const { watch, openings } = watching(faultError(Code.PermissionDenied, Reason.PERMISSION_DENIED));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(watch.getSnapshot().status).toBe('refused');
    expect(openings()).toBe(1);
    watch.start();
    await vi.advanceTimersByTimeAsync(100);
    expect(watch.getSnapshot().status).toBe('live');
    watch.stop();
  });
});
