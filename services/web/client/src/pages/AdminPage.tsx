import { Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCore } from '../adapters/core';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import { Guard } from '../ui/Guard';
import { PageShell } from '../ui/PageShell';
import { ErrorState, LoadingState } from '../ui/States';
import { useLoad } from '../ui/useLoad';
import { CampusesTab } from './admin/CampusesTab';
import { PairingsTab } from './admin/PairingsTab';
import { PeopleTab } from './admin/PeopleTab';

/** Campuses, people and pairings of campuses. */
export default function AdminPage() {
  const { t } = useTranslation('admin');
  return (
    <Guard roles={[Role.ADMINISTRATOR]}>
      <PageShell title={t('title')}>
        <Office />
      </PageShell>
    </Guard>
  );
}

function Office() {
  const { t } = useTranslation('admin');
  const { api } = useCore();
  const { data, error, reload } = useLoad('office', async (signal) => {
    const [campuses, classrooms, people, pairings] = await Promise.all([
      api.directory.listCampuses({}, { signal }),
      api.directory.listClassrooms({}, { signal }),
      api.directory.listPeople({}, { signal }),
      api.directory.listPairings({}, { signal }),
    ]);
    return { ...campuses, ...classrooms, ...people, ...pairings };
  });
  if (!data) {
    return error === undefined ? (
      <LoadingState />
    ) : (
      <ErrorState title={t('loadFailed')} error={error} onRetry={reload} />
    );
  }
  return (
    <Tabs
      items={[
        {
          key: 'campuses',
          label: <span data-testid="tab-campuses">{t('tabCampuses')}</span>,
          children: <CampusesTab campuses={data.campuses} classrooms={data.classrooms} onChanged={reload} />,
        },
        {
          key: 'people',
          label: <span data-testid="tab-people">{t('tabPeople')}</span>,
          children: <PeopleTab people={data.people} campuses={data.campuses} onChanged={reload} />,
        },
        {
          key: 'pairings',
          label: <span data-testid="tab-pairings">{t('tabPairings')}</span>,
          children: <PairingsTab pairings={data.pairings} campuses={data.campuses} onChanged={reload} />,
        },
      ]}
    />
  );
}
