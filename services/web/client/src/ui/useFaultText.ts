import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useZone } from '../adapters/core';
import { type Fault, faultOf } from '../core/fault';
import { CommandRefused } from '../core/lesson/commands';
import { Reason } from '../gen/tongke/common/v1/fault_pb';

/** Turns an error into one plain sentence, with the time where the server named one. */
export function useFaultText(): (error: unknown) => string {
  const { t } = useTranslation(['faults', 'common']);
  const { clock } = useZone();
  return useCallback(
    (error) => {
      const fault = faultIn(error);
      if (fault.reason === Reason.ACCOUNT_LOCKED && fault.retryAfterMs) {
        return t('common:lockedFor', { count: Math.ceil(fault.retryAfterMs / 60_000) });
      }
      const opensAt = Date.parse(fault.metadata.opens_at ?? '');
      if (fault.reason === Reason.LESSON_NOT_OPEN && !Number.isNaN(opensAt)) {
        return t('common:lessonOpensAt', { time: clock(opensAt) });
      }
      return t(`faults:${fault.name}`);
    },
    [t, clock],
  );
}

/** The typed fault of anything that was caught: a failed call, a refused command, or a fault itself. */
export function faultIn(error: unknown): Fault {
  if (error instanceof CommandRefused) return error.fault;
  return isFault(error) ? error : faultOf(error);
}

function isFault(error: unknown): error is Fault {
  return typeof error === 'object' && error !== null && 'reason' in error && 'violations' in error;
}
