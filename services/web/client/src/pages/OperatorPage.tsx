import { Alert } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore, useStore, useZone } from '../adapters/core';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import { Guard } from '../ui/Guard';
import { PageShell } from '../ui/PageShell';
import { EmptyState, ErrorState, LoadingState } from '../ui/States';
import { AbsenceList } from './operator/AbsenceList';
import { absences, needsAttention, worstFirst } from './operator/board';
import { LessonCard } from './operator/LessonCard';
import { HealthWatch } from './operator/watch';

/** The operator's board: absence first, then the worst lesson, each with the next action in words. */
export default function OperatorPage() {
  const { t } = useTranslation('operator');
  return (
    <Guard roles={[Role.OPERATOR, Role.ADMINISTRATOR]}>
      <PageShell title={t('title')}>
        <Board />
      </PageShell>
    </Guard>
  );
}

function Board() {
  const { t } = useTranslation('operator');
  const { clockSeconds } = useZone();
  const { api, clock } = useCore();
  const [watch] = useState(() => new HealthWatch(api, clock));
  const { status, lessons, at, fault } = useStore(watch);

  useEffect(() => {
    watch.start();
    return () => watch.stop();
  }, [watch]);

  if (status === 'connecting') return <LoadingState />;
  if (status === 'refused') return <ErrorState title={t('refused')} error={fault} onRetry={() => watch.start()} />;
  const troubled = lessons.filter(needsAttention).length;
  return (
    <>
      {status === 'reconnecting' && (
        <Alert
          type="warning"
          showIcon
          title={t('reconnecting', { time: clockSeconds(at) })}
          style={{ marginBottom: 16 }}
          data-testid="reconnecting"
        />
      )}
      <AbsenceList absences={absences(lessons)} />
      {lessons.length === 0 ? (
        <EmptyState icon="check" title={t('empty')} hint={t('emptyHint')} />
      ) : (
        <>
          <p data-testid="board-summary">
            {t('lessonsLive', { count: lessons.length })} ·{' '}
            {troubled > 0 ? t('needAttention', { count: troubled }) : t('allWell')} ·{' '}
            {t('updatedAt', { time: clockSeconds(at) })}
          </p>
          {worstFirst(lessons).map((lesson) => (
            <LessonCard key={lesson.lessonId} lesson={lesson} />
          ))}
          <p style={{ color: 'var(--quiet)' }}>{t('unitHint')}</p>
        </>
      )}
    </>
  );
}
