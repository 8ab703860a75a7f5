import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore, useNow, useStore, useZone } from '../adapters/core';
import { Day, endOf, lessonToJoin, opensBeforeMs, startOf } from '../core/day';
import { isSignedOut } from '../core/fault';
import { LessonPhase } from '../gen/tongke/classroom/v1/event_pb';
import { EmptyState, ErrorState, LoadingState } from '../ui/States';
import { AssistedLesson } from './AssistedLesson';
import styles from './assistant.module.css';

/** What was chosen by hand; "none" shows the list. */
type Chosen = { lessonId: string } | 'byItself' | 'none';

const nothingOver: ReadonlySet<string> = new Set();

/** Today enters the lesson of the own campus that is on now, and lists the others. */
export function Today() {
  const { t } = useTranslation('assistant');
  const zone = useZone();
  const { clock } = zone;
  const { api, clock: serverClock, session } = useCore();
  const [day] = useState(() => new Day(api, serverClock, zone));
  const [chosen, setChosen] = useState<Chosen>('byItself');
  const view = useStore(day);
  const now = useNow();

  useEffect(() => {
    day.start();
    return () => day.stop();
  }, [day]);
  const signedOut = view.fault && isSignedOut(view.fault.reason);
  useEffect(() => {
    if (signedOut) session.expired();
  }, [signedOut, session]);

  const current = lessonToJoin(view, now, nothingOver)?.id;
  useEffect(() => {
    // Once entered, the lesson stays on the page after its end, too.
    if (chosen === 'byItself' && current) setChosen({ lessonId: current });
  }, [chosen, current]);

  if (typeof chosen === 'object') {
    return <AssistedLesson key={chosen.lessonId} lessonId={chosen.lessonId} onBack={() => setChosen('none')} />;
  }
  if (view.status === 'loading') return <LoadingState />;
  if (view.status === 'failed' && view.lessons.length === 0) {
    return <ErrorState title={t('refused')} error={view.fault} onRetry={() => void day.read()} />;
  }
  if (view.lessons.length === 0) return <EmptyState icon="pending" title={t('noLesson')} hint={t('noLessonHint')} />;
  return (
    <ul className={styles.lessons} aria-label={t('todayLessons')}>
      {view.lessons.map((lesson) => {
        const opens = startOf(lesson) - opensBeforeMs;
        const over = view.phases[lesson.id] === LessonPhase.ENDED || endOf(lesson) < now;
        return (
          <li key={lesson.id}>
            <div>
              <b>{lesson.title}</b>
              <span>
                {clock(lesson.startsAt)} – {clock(lesson.endsAt)} · {lesson.teacher?.name}
              </span>
            </div>
            {over ? (
              <span>{t('ended')}</span>
            ) : opens > now ? (
              <span>{t('opensAt', { time: clock(opens) })}</span>
            ) : (
              <Button type="primary" onClick={() => setChosen({ lessonId: lesson.id })}>
                {t('enter')}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
