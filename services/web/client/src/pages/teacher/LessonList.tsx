import { Button, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useZone } from '../../adapters/core';
import type { Lesson } from '../../gen/tongke/scheduling/v1/scheduling_pb';
import type { Standing } from './day';
import styles from './LessonList.module.css';

const looks = {
  live: ['green', 'live'],
  open: ['orange', 'soon'],
  later: ['default', 'later'],
  ended: ['default', 'ended'],
  missed: ['default', 'missed'],
  cancelled: ['default', 'cancelled'],
} as const satisfies Record<Standing, readonly [string, string]>;

/** All lessons of the day in order. */
export function LessonList({ lessons, standing }: { lessons: readonly Lesson[]; standing: (one: Lesson) => Standing }) {
  const { t } = useTranslation('teacher');
  const { clock } = useZone();
  return (
    <ul className={styles.list} data-testid="lesson-list">
      {lessons.map((lesson) => {
        const stands = standing(lesson);
        const [colour, word] = looks[stands];
        return (
          <li key={lesson.id} data-testid="lesson" data-standing={stands}>
            <span className={styles.time}>
              {clock(lesson.startsAt)}–{clock(lesson.endsAt)}
            </span>
            <span className={stands === 'cancelled' ? styles.cancelled : styles.title}>
              {lesson.title}
              <small>{lesson.classrooms.map((room) => room.name).join('、')}</small>
            </span>
            <Tag color={colour}>{t(word)}</Tag>
            <span className={styles.action}>
              {(stands === 'live' || stands === 'open') && (
                <Link to={`/lesson/${lesson.id}`}>
                  <Button>{t('enter')}</Button>
                </Link>
              )}
              {stands === 'ended' && (
                <Link to={`/lesson/${lesson.id}`}>
                  <Button type="text">{t('seeSummary')}</Button>
                </Link>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
