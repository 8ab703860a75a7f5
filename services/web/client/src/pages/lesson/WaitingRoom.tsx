import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { classroomsOf } from '../../core/lesson/look';
import { Presence } from '../../gen/tongke/classroom/v1/event_pb';
import { DeviceCheck } from '../../ui/DeviceCheck';
import { Icon } from '../../ui/Icon';
import { presenceWord } from '../../ui/words';
import { Banners } from './Banners';
import { ExternalButton } from './ExternalButton';
import { MediaState } from './MediaState';
import { useRoom } from './room';
import { TopBar } from './TopBar';
import styles from './WaitingRoom.module.css';

/** Before the lesson: the own devices, who is here already, and one big button. */
export function WaitingRoom() {
  const { t } = useTranslation(['lesson', 'teacher', 'common']);
  const { room, state, listener, send, isSending } = useRoom();
  const rooms = classroomsOf(state);
  return (
    <div className={styles.page} data-testid="waiting">
      <TopBar />
      <Banners />
      <main className={styles.main}>
        {!listener && (
          <section className={styles.card} aria-label={t('teacher:deviceCheck')}>
            <h2>{t('teacher:deviceCheck')}</h2>
            <DeviceCheck devices={room.devices} />
            <MediaState />
          </section>
        )}
        <section className={styles.card}>
          <h2>{listener ? t('listenerWaiting') : t('waitingTitle')}</h2>
          {!listener && <p>{t('waitingHint')}</p>}
          <ul className={styles.rooms}>
            {rooms.map((one) => (
              <li key={one.entry?.participantId} data-testid="waiting-room" data-presence={Presence[one.presence]}>
                <Icon name={one.presence === Presence.PRESENT ? 'check' : 'pending'} />
                <span className={styles.name}>
                  {one.entry?.name}
                  <small>{one.entry?.campusName}</small>
                </span>
                <span className={one.presence === Presence.PRESENT ? styles.here : styles.away}>
                  {t(`common:${presenceWord[one.presence]}`)}
                </span>
              </li>
            ))}
          </ul>
          {!listener && (
            <Button
              type="primary"
              size="large"
              block
              className={styles.start ?? ''}
              loading={isSending('startLesson')}
              onClick={() => send((commands) => commands.startLesson())}
              data-testid="start-lesson"
            >
              {t(isSending('startLesson') ? 'starting' : 'startLesson')}
            </Button>
          )}
          {!listener && <ExternalButton block />}
          <Link to="/" onClick={() => void room.leave().catch(() => undefined)}>
            <Button type="link" block>
              {t('common:backHome')}
            </Button>
          </Link>
        </section>
      </main>
    </div>
  );
}
