import { Alert, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../../adapters/core';
import { teacherPresence } from '../../core/lesson/look';
import { LessonPhase, Presence } from '../../gen/tongke/classroom/v1/event_pb';
import { useFaultText } from '../../ui/useFaultText';
import styles from './Banners.module.css';
import { useRoom } from './room';
import { useLasting } from './useLasting';
import { useTcpPort } from './useTcpPort';

/** What is wrong with the connection now, the most important thing only, and what happens about it. */
export function Banners() {
  const { t } = useTranslation('lesson');
  const faultText = useFaultText();
  const { room, state, listener } = useRoom();
  const { status } = useStore(room.lesson);
  const media = useStore(room.media);
  const { blocked } = useStore(room.sound);
  const sending = useLasting(useStore(room.lesson.commands).length > 0, 1_000);
  const mediaSlow = useLasting(media.status === 'connecting', 1_500);
  const tcpPort = useTcpPort(room);
  const [tcpRead, setTcpRead] = useState(false);
  const teacherAway = listener && state.phase === LessonPhase.LIVE && teacherPresence(state) === Presence.RECONNECTING;

  const banner =
    status.kind === 'reconnecting' ? (
      <Alert banner type="warning" title={t('connectionReconnecting')} data-testid="banner-reconnecting" />
    ) : media.status === 'failed' ? (
      <Alert
        banner
        type="error"
        title={media.fault ? faultText(media.fault) : t('mediaFailed')}
        data-testid="banner-media-failed"
      />
    ) : media.status === 'reconnecting' ? (
      <Alert banner type="warning" title={t('mediaReconnecting')} data-testid="banner-media-reconnecting" />
    ) : mediaSlow ? (
      <Alert banner type="info" title={t('mediaConnecting')} />
    ) : teacherAway ? (
      <Alert banner type="warning" title={t('teacherAway')} data-testid="banner-teacher-away" />
    ) : blocked ? (
      <Alert
        banner
        type="warning"
        title={t('playBlocked')}
        action={
          <Button size="small" type="primary" onClick={() => void room.sound.play()} data-testid="play-sound">
            {t('playAllow')}
          </Button>
        }
      />
    ) : tcpPort !== undefined && !tcpRead ? (
      <Alert
        banner
        type="warning"
        title={t('mediaOverTcp', { port: tcpPort })}
        closable={{ onClose: () => setTcpRead(true) }}
        data-testid="banner-over-tcp"
      />
    ) : null;
  return (
    <div className={styles.banners} role="status" aria-live="polite">
      {banner}
      {sending && (
        <span className={styles.sending} data-testid="sending">
          {t('sending')}
        </span>
      )}
    </div>
  );
}
