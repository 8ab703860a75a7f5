import { useTranslation } from 'react-i18next';
import { useCore, useSession } from '../adapters/core';
import { personOf } from '../core/session';
import { PairingCard } from '../pages/scheduler/PairingCard';
import { ErrorState, LoadingState } from '../ui/States';
import { useLoad } from '../ui/useLoad';

/** ConnectScreen pairs the screen of a classroom of the own campus by the code it shows. */
export function ConnectScreen() {
  const { t } = useTranslation('common');
  const { api } = useCore();
  const campusId = personOf(useSession())?.campusId ?? '';
  const { data, error, reload } = useLoad(campusId, (signal) => api.directory.listClassrooms({ campusId }, { signal }));
  if (data) return <PairingCard classrooms={data.classrooms} onPaired={reload} />;
  if (error === undefined) return <LoadingState />;
  return <ErrorState title={t('unreachable')} error={error} onRetry={reload} />;
}
