import { useTranslation } from 'react-i18next';
import { useCore, useNow, useSession, useZone } from '../adapters/core';
import { today } from '../core/day';
import { listLessons, listPhases } from '../core/listing';
import { personOf } from '../core/session';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import type { Lesson } from '../gen/tongke/scheduling/v1/scheduling_pb';
import { Guard } from '../ui/Guard';
import { PageShell } from '../ui/PageShell';
import { EmptyState, ErrorState, LoadingState } from '../ui/States';
import { useLoad } from '../ui/useLoad';
import styles from './TeacherPage.module.css';
import { DevicesCard } from './teacher/DevicesCard';
import { nextOf, standingOf } from './teacher/day';
import { LessonList } from './teacher/LessonList';
import { NextLesson } from './teacher/NextLesson';

/** The teacher's day: the next lesson large, all of them below, devices beside. Observers see their campus's. */
export default function TeacherPage() {
  const { t } = useTranslation('teacher');
  return (
    <Guard roles={[Role.TEACHER, Role.OBSERVER]}>
      <PageShell title={t('title')} extra={<ServerTime />}>
        <Greeting />
        <div className={styles.columns}>
          <div className={styles.lessons}>
            <Today />
          </div>
          <OwnDevices />
        </div>
      </PageShell>
    </Guard>
  );
}

function Greeting() {
  const { t } = useTranslation('teacher');
  const name = personOf(useSession())?.name ?? '';
  return <p className={styles.greeting}>{t('greeting', { name })}</p>;
}

/** Who only listens needs no camera. */
function OwnDevices() {
  const teaches = personOf(useSession())?.roles.includes(Role.TEACHER);
  return teaches ? (
    <aside className={styles.devices}>
      <DevicesCard />
    </aside>
  ) : null;
}

function ServerTime() {
  const { t, i18n } = useTranslation();
  const zone = useZone();
  const now = useNow();
  return (
    <span className={styles.clock} title={t('serverTime')} data-testid="server-time">
      {!zone.isComputers(now) && <small>{zone.title(i18n.language, now)} </small>}
      {zone.clock(now)}
    </span>
  );
}

/** Phases change without a word to this page: it asks again now and then. */
const askAgainMs = 10_000;

function Today() {
  const { t } = useTranslation('teacher');
  const { api, clock: serverClock } = useCore();
  const now = useNow();
  const zone = useZone();
  const { data, error, reload } = useLoad(
    zone.date(now),
    async (signal) => {
      const lessons = await listLessons(api, serverClock, today(zone, serverClock.now()), signal);
      return { lessons, phases: await listPhases(api, lessons, signal) };
    },
    askAgainMs,
  );
  if (!data) {
    return error === undefined ? (
      <LoadingState />
    ) : (
      <ErrorState title={t('loadFailed')} error={error} onRetry={reload} />
    );
  }
  const standing = (lesson: Lesson) => standingOf(lesson, data.phases[lesson.id], now);
  const next = nextOf(data.lessons, standing);
  if (data.lessons.length === 0) return <EmptyState icon="pending" title={t('noLessons')} hint={t('noLessonsHint')} />;
  return (
    <>
      {next ? (
        <NextLesson lesson={next} standing={standing(next)} now={now} />
      ) : (
        <p className={styles.over}>{t('noMoreLessons')}</p>
      )}
      <LessonList lessons={data.lessons} standing={standing} />
    </>
  );
}
