import { Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCore } from '../adapters/core';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import { Guard } from '../ui/Guard';
import { PageShell } from '../ui/PageShell';
import { ErrorState, LoadingState } from '../ui/States';
import { useLoad } from '../ui/useLoad';
import { LessonsTab } from './scheduler/LessonsTab';
import { ScreensTab } from './scheduler/ScreensTab';

/** The scheduler's desk: lessons of a day, classrooms and their screens. */
export default function SchedulerPage() {
  const { t } = useTranslation('scheduler');
  return (
    <Guard roles={[Role.SCHEDULER, Role.ADMINISTRATOR]}>
      <PageShell title={t('title')}>
        <Desk />
      </PageShell>
    </Guard>
  );
}

function Desk() {
  const { t } = useTranslation('scheduler');
  const { api } = useCore();
  const directory = useLoad('directory', async (signal) => {
    const [campuses, classrooms, teachers] = await Promise.all([
      api.directory.listCampuses({}, { signal }),
      api.directory.listClassrooms({}, { signal }),
      api.directory.listPeople({ role: Role.TEACHER }, { signal }),
    ]);
    return { campuses: campuses.campuses, classrooms: classrooms.classrooms, teachers: teachers.people };
  });
  if (!directory.data) {
    if (directory.error === undefined) return <LoadingState />;
    return <ErrorState title={t('loadFailed')} error={directory.error} onRetry={directory.reload} />;
  }
  const { campuses, classrooms, teachers } = directory.data;
  return (
    <Tabs
      items={[
        {
          key: 'lessons',
          label: <span data-testid="tab-lessons">{t('tabLessons')}</span>,
          children: <LessonsTab teachers={teachers} classrooms={classrooms} />,
        },
        {
          key: 'screens',
          label: <span data-testid="tab-screens">{t('tabScreens')}</span>,
          children: <ScreensTab campuses={campuses} classrooms={classrooms} onChanged={directory.reload} />,
        },
      ]}
    />
  );
}
