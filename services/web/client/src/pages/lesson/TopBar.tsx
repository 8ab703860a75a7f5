import { useTranslation } from 'react-i18next';
import { useNow, useZone } from '../../adapters/core';
import { classroomsOf } from '../../core/lesson/look';
import { LessonPhase, Presence } from '../../gen/tongke/classroom/v1/event_pb';
import { Mark } from '../../ui/Brand';
import { Icon } from '../../ui/Icon';
import { LanguageSwitch } from '../../ui/LanguageSwitch';
import { millis, minutesUntil, span } from '../../ui/time';
import { useRoom } from './room';
import styles from './TopBar.module.css';
import { useTcpPort } from './useTcpPort';

/** Which lesson this is, how long it goes on, and how many classrooms are here. */
export function TopBar() {
  const { t } = useTranslation('lesson');
  const { room, state, listener } = useRoom();
  const tcpPort = useTcpPort(room);
  const rooms = classroomsOf(state);
  const present = rooms.filter((one) => one.presence === Presence.PRESENT).length;
  return (
    <header className={styles.bar}>
      <Mark size={24} />
      <h1 title={state.plan?.title}>{state.plan?.title}</h1>
      {listener && (
        <span className={styles.listening} title={t('listeningHint')}>
          {t('listening')}
        </span>
      )}
      <span className={styles.spring} />
      {tcpPort !== undefined && (
        <span className={styles.overTcp} title={t('mediaOverTcp', { port: tcpPort })} data-testid="over-tcp">
          <Icon name="warning" size={15} /> {t('overTcp')}
        </span>
      )}
      <span data-testid="rooms-present">
        <Icon name="people" /> {t('roomsReady', { present, count: rooms.length })}
      </span>
      <LessonTime />
      <LanguageSwitch />
    </header>
  );
}

function LessonTime() {
  const { t } = useTranslation('lesson');
  const { clock } = useZone();
  const { state } = useRoom();
  const now = useNow();
  if (state.phase !== LessonPhase.LIVE) return <span>{t('startsAt', { time: clock(state.plan?.startsAt) })}</span>;
  const left = minutesUntil(millis(state.plan?.endsAt), now);
  return (
    <span className={left <= 0 ? styles.over : styles.time} data-testid="lesson-time">
      <Icon name="pending" /> {t('elapsed', { time: span(now - millis(state.startedAt)) })} ·{' '}
      {left > 0 ? t('timeLeft', { count: left }) : t('overtime', { count: 1 - left })}
    </span>
  );
}
