import { App, Button, Popover } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../../adapters/core';
import { participantOf } from '../../core/lesson/look';
import { DeviceCheck, DeviceProblem } from '../../ui/DeviceCheck';
import { Icon } from '../../ui/Icon';
import { LevelBar } from '../../ui/LevelBar';
import { useLevel } from '../../ui/useLevel';
import styles from './ControlBar.module.css';
import { ExternalButton } from './ExternalButton';
import { useRoom } from './room';
import { ShortcutHelp } from './ShortcutHelp';
import { useShortcuts } from './useShortcuts';

/** What the lead teacher does all the time: own voice, camera, screen; silence for all; the end. */
export function ControlBar() {
  const { t } = useTranslation('lesson');
  const { message } = App.useApp();
  const { room, state, send, isSending } = useRoom();
  const microphone = useOwnMicrophone();
  const { camera } = useStore(room.devices);
  const share = useStore(room.share);
  const cameraOn = camera.status === 'ok';
  const sharing = share.status === 'on';
  const firstHand = state.hands[0]?.participantId;

  const toggleShare = async () => {
    if (sharing) return room.share.stop();
    await room.share.start();
    if (room.share.getSnapshot().status === 'failed') message.error(t('shareFailed'));
  };
  const muteAll = async () => {
    if (await send((commands) => commands.muteAll())) message.success(t('muteAllDone'));
  };
  useShortcuts({
    m: microphone.toggle,
    s: () => void toggleShare(),
    h: () => {
      if (firstHand && !isSending('callOn')) void send((commands) => commands.callOn(firstHand));
    },
  });

  return (
    <footer className={styles.bar}>
      <OwnMicrophone {...microphone} />
      <Button
        size="large"
        icon={<Icon name={cameraOn ? 'camera' : 'cameraOff'} />}
        onClick={() => void room.devices.choose('camera', { off: cameraOn })}
        data-testid="toggle-camera"
      >
        {t(cameraOn ? 'turnCameraOff' : camera.status === 'none' ? 'ownCameraMissing' : 'turnCameraOn')}
      </Button>
      <Button
        size="large"
        type={sharing ? 'primary' : 'default'}
        loading={share.status === 'asking'}
        icon={<Icon name={sharing ? 'screenStop' : 'screen'} />}
        onClick={() => void toggleShare()}
        data-testid="toggle-share"
      >
        {t(sharing ? 'stopSharing' : 'shareScreen')}
      </Button>
      <Button
        size="large"
        icon={<Icon name="micOff" />}
        loading={isSending('muteAll')}
        onClick={() => void muteAll()}
        data-testid="mute-all"
      >
        {t('muteAll')}
      </Button>
      <span className={styles.spring} />
      <Popover trigger="click" placement="topRight" content={<DeviceCheck devices={room.devices} compact />}>
        <Button type="text" icon={<Icon name="devices" />} data-testid="devices">
          {t('devices')}
        </Button>
      </Popover>
      <ExternalButton />
      <span className={styles.keyboard}>
        <ShortcutHelp />
      </span>
      <EndButton />
    </footer>
  );
}

interface OwnMicrophoneState {
  readonly open: boolean;
  readonly present: boolean;
  /** A press is on its way. */
  readonly changing: boolean;
  readonly toggle: () => void;
}

/** Whether the class hears the teacher: the log allows it, nothing is on its way, and there is a microphone. */
function useOwnMicrophone(): OwnMicrophoneState {
  const { room, state, selfId, send, isSending } = useRoom();
  const present = useStore(room.devices).microphone.status === 'ok';
  const allowed = participantOf(state, selfId)?.audioOpen ?? false;
  const changing = isSending('setAudio', selfId);
  return useMemo(
    () => ({
      open: allowed && !changing,
      present,
      changing,
      toggle: () => {
        if (!changing) void send(() => room.setMicrophone(!allowed));
      },
    }),
    [allowed, changing, present, room, send],
  );
}

function OwnMicrophone({ open, present, changing, toggle }: OwnMicrophoneState) {
  const { t } = useTranslation('lesson');
  const { room } = useRoom();
  const { microphone } = useStore(room.devices);
  const connected = useStore(room.media).status === 'connected';
  const level = useLevel(open ? microphone.track : undefined);
  const heard = open && present && connected;
  const said = !present ? 'ownMicMissing' : !open ? 'ownMicOff' : connected ? 'ownMicOn' : 'ownMicNotConnected';
  return (
    <>
      <Button
        size="large"
        type={open ? 'default' : 'primary'}
        danger={!open}
        aria-pressed={!open}
        icon={<Icon name={open ? 'mic' : 'micOff'} />}
        loading={changing}
        onClick={toggle}
        data-testid="toggle-mic"
      >
        {t(open ? 'turnMicOff' : 'turnMicOn')}
      </Button>
      <span className={heard ? styles.heard : styles.silent} role="status" data-testid="mic-state" data-open={heard}>
        {t(said)}
        {heard && <LevelBar level={level} label={t('ownMicOn')} />}
      </span>
      {!present && microphone.status !== 'asking' && (
        <Popover content={<DeviceProblem kind="microphone" view={microphone} />}>
          <Button type="text" aria-label={t('ownMicMissing')} icon={<Icon name="warning" />} />
        </Popover>
      )}
    </>
  );
}

function EndButton() {
  const { t } = useTranslation('lesson');
  const { modal } = App.useApp();
  const { send, isSending } = useRoom();
  const ask = () =>
    modal.confirm({
      title: t('endConfirm'),
      content: t('endConfirmHint'),
      okText: t('endConfirmYes'),
      okButtonProps: { danger: true },
      cancelText: t('endConfirmNo'),
      focusable: { autoFocusButton: 'cancel' },
      onOk: async () => void (await send((commands) => commands.endLesson())),
    });
  return (
    <Button
      size="large"
      danger
      loading={isSending('endLesson')}
      icon={<Icon name="leave" />}
      onClick={ask}
      data-testid="end-lesson"
    >
      {t('endLesson')}
    </Button>
  );
}
