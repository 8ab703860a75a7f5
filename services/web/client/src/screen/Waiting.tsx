import { useTranslation } from 'react-i18next';
import { useNow, useZone } from '../adapters/core';
import { type DayView, endOf, nextLesson, startOf } from '../core/day';
import { LessonPhase } from '../gen/tongke/classroom/v1/event_pb';
import type { Classroom } from '../gen/tongke/directory/v1/directory_pb';
import type { Lesson } from '../gen/tongke/scheduling/v1/scheduling_pb';
import { span } from '../ui/time';
import { TouchToStart } from './TouchToStart';
import styles from './waiting.module.css';

/** Waiting shows today's lessons of this classroom and counts down to the next. */
export function Waiting({ classroom, day }: { classroom: Classroom; day: DayView }) {
  const { t } = useTranslation('screen');
  const { clock } = useZone();
  const now = useNow();
  const next = nextLesson(day, now);
  return (
    <section className={styles.waiting} data-testid="screen-waiting">
      <header className={styles.head}>
        <span>{classroom.campusName}</span>
        <strong>{classroom.name}</strong>
        <time>{clock(now)}</time>
      </header>
      <div className={styles.next}>
        {next ? (
          <>
            <p>{t('nextIn')}</p>
            <p className={styles.countdown} data-testid="countdown">
              {span(startOf(next) - now)}
            </p>
            <h1>{next.title}</h1>
            <p>{next.teacher?.name}</p>
          </>
        ) : (
          day.status !== 'loading' && <h1>{t(day.lessons.length > 0 ? 'nextNone' : 'todayEmpty')}</h1>
        )}
        {day.status === 'failed' && <p className={styles.problem}>{t('planFailed')}</p>}
      </div>
      {day.lessons.length > 0 && (
        <ol className={styles.today} aria-label={t('todayTitle')}>
          {day.lessons.map((lesson) => (
            <TodayLine
              key={lesson.id}
              lesson={lesson}
              phase={day.phases[lesson.id]}
              now={now}
              isNext={lesson === next}
            />
          ))}
        </ol>
      )}
      <TouchToStart />
    </section>
  );
}

interface TodayLineProps {
  lesson: Lesson;
  phase: LessonPhase | undefined;
  now: number;
  isNext: boolean;
}

function TodayLine({ lesson, phase, now, isNext }: TodayLineProps) {
  const { t } = useTranslation('screen');
  const { clock } = useZone();
  const over = phase === LessonPhase.ENDED || endOf(lesson) < now;
  return (
    <li className={over ? styles.over : isNext ? styles.isNext : undefined}>
      <time>{t('lessonLine', { from: clock(lesson.startsAt), to: clock(lesson.endsAt) })}</time>
      <b>{lesson.title}</b>
      <span>{over ? t('lessonOver') : lesson.teacher?.name}</span>
    </li>
  );
}
