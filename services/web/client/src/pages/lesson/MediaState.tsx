import { useTranslation } from 'react-i18next';
import { useStore } from '../../adapters/core';
import type { MediaStatus } from '../../core/media/mediaSession';
import { HealthLight } from '../../gen/tongke/classroom/v1/health_pb';
import { Light } from '../../ui/Light';
import { useRoom } from './room';

const looks = {
  idle: [HealthLight.GREY, 'mediaIdle'],
  connecting: [HealthLight.GREY, 'mediaConnecting'],
  connected: [HealthLight.GREEN, 'mediaConnected'],
  reconnecting: [HealthLight.YELLOW, 'mediaReconnecting'],
  failed: [HealthLight.RED, 'mediaFailed'],
} as const satisfies Record<MediaStatus, readonly [HealthLight, string]>;

/** Whether sound and picture get through to the relay. */
export function MediaState() {
  const { t } = useTranslation(['lesson', 'teacher']);
  const { room } = useRoom();
  const [light, words] = looks[useStore(room.media).status];
  return (
    <p style={{ margin: '12px 0 0', display: 'flex', gap: 8, flexWrap: 'wrap' }} data-testid="media-state">
      <span>{t('teacher:mediaConnection')}</span>
      <Light light={light} word={t(words)} />
    </p>
  );
}
