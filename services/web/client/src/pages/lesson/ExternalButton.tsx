import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isOnStage, nameIn } from '../../core/lesson/look';
import type { MediaToken } from '../../gen/tongke/classroom/v1/media_token_pb';
import { Icon } from '../../ui/Icon';
import { ExternalDevices } from '../external/ExternalDevices';
import { purposeOf } from '../external/token';
import styles from './ControlBar.module.css';
import { useRoom } from './room';

/** Opens the dialog of external devices for the lead teacher. */
export function ExternalButton({ block = false }: { block?: boolean }) {
  const { t } = useTranslation('external');
  const { room, state } = useRoom();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        type="text"
        block={block}
        icon={<Icon name="plug" />}
        aria-label={t('title')}
        onClick={() => setOpen(true)}
        data-testid="external"
      >
        <span className={styles.label}>{t('title')}</span>
      </Button>
      {open && (
        <ExternalDevices
          lessonId={room.lesson.lessonId}
          nameOf={(id) => nameIn(state, id)}
          actions={(token) => purposeOf(token) === 'camera' && <StageSwitch token={token} />}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

/** An encoder has no tile among the classrooms: here it is brought on stage, where all see it. */
function StageSwitch({ token: { tokenId, name } }: { token: MediaToken }) {
  const { t } = useTranslation('lesson');
  const { state, send, isSending } = useRoom();
  const onStage = isOnStage(state, tokenId);
  const label = t(onStage ? 'takeOffStage' : 'bringOnStage');
  return (
    <Button
      size="small"
      aria-label={`${label} ${name}`}
      loading={isSending('setStage', tokenId)}
      onClick={() => send((commands) => commands.setStage(tokenId, !onStage))}
      data-testid="external-stage"
    >
      {label}
    </Button>
  );
}
