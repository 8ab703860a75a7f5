import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useZone } from '../../adapters/core';
import type { Lesson } from '../../gen/tongke/scheduling/v1/scheduling_pb';
import { Icon } from '../../ui/Icon';
import { millis, minutesUntil } from '../../ui/time';
import { kindWord } from '../../ui/words';
import { opensAt, type Standing } from './day';
import styles from './NextLesson.module.css';

/** The lesson that matters now, with one big button. */
export function NextLesson({ lesson, standing, now }: { lesson: Lesson; standing: Standing; now: number }) {
  const { t } = useTranslation(['teacher', 'common']);
  const { clock } = useZone();
  const minutes = minutesUntil(millis(lesson.startsAt), now);
  const when =
    standing === 'live'
      ? t('live')
      : minutes > 0
        ? t('startsIn', { count: minutes })
        : minutes === 0
          ? t('startsSoon')
          : t('startedAgo', { count: -minutes });
  return (
    <section className={styles.card} data-testid="next-lesson" data-lesson={lesson.id}>
      <div className={styles.text}>
        <span className={standing === 'live' ? styles.live : styles.when}>
          <Icon name={standing === 'live' ? 'sound' : 'pending'} /> {when}
        </span>
        <h2>{lesson.title}</h2>
        <p>
          {clock(lesson.startsAt)}–{clock(lesson.endsAt)} · {t(`common:${kindWord[lesson.kind]}`)}
        </p>
        <p>{lesson.classrooms.map((room) => `${room.name} · ${room.campusName}`).join('　')}</p>
      </div>
      {standing === 'later' ? (
        <Button type="primary" size="large" disabled className={styles.enter ?? ''}>
          {t('opensAt', { time: clock(opensAt(lesson)) })}
        </Button>
      ) : (
        <Link to={`/lesson/${lesson.id}`}>
          <Button type="primary" size="large" className={styles.enter ?? ''} data-testid="enter-lesson">
            {t('enterNow')}
          </Button>
        </Link>
      )}
    </section>
  );
}
