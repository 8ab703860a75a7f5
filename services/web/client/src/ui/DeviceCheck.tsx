import { Alert, Select, Switch } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../adapters/core';
import { SlotVideo } from '../adapters/SlotVideo';
import type { DeviceKind, DeviceStatus, Devices, DeviceView } from '../core/media/devices';
import styles from './DeviceCheck.module.css';
import { Icon } from './Icon';
import { LevelBar } from './LevelBar';
import { useLevel } from './useLevel';

/** Camera picture, microphone level, and the choice of both; what is wrong is said in plain words. */
export function DeviceCheck({ devices, compact = false }: { devices: Devices; compact?: boolean }) {
  const { t } = useTranslation(['teacher', 'lesson']);
  const { camera, microphone, cameras, microphones, choice } = useStore(devices);
  const cameraOn = !choice.cameraOff;
  return (
    <div className={compact ? `${styles.check} ${styles.compact}` : styles.check} data-testid="device-check">
      <div className={styles.picture}>
        <SlotVideo track={camera.track} label={t('cameraPreview')} mirrored testId="own-preview">
          <span className={styles.none}>
            <Icon name="cameraOff" size={32} />
            {t(noPictureWord(camera.status))}
          </span>
        </SlotVideo>
      </div>
      <div className={styles.device}>
        <span className={styles.name}>
          <Icon name="camera" /> {t('camera')}
        </span>
        <DeviceSelect kind="camera" devices={devices} list={cameras} chosen={choice.cameraId} view={camera} />
        <Switch
          aria-label={t('camera')}
          checked={cameraOn}
          onChange={(on) => void devices.choose('camera', { off: !on })}
          data-testid="camera-switch"
        />
      </div>
      <DeviceProblem kind="camera" view={camera} />
      <div className={styles.device}>
        <span className={styles.name}>
          <Icon name="mic" /> {t('microphone')}
        </span>
        <DeviceSelect
          kind="microphone"
          devices={devices}
          list={microphones}
          chosen={choice.microphoneId}
          view={microphone}
        />
      </div>
      <DeviceProblem kind="microphone" view={microphone} />
      {microphone.track && <Level track={microphone.track} />}
      <div className={styles.device}>
        <span className={styles.name}>
          <Icon name="sound" /> {t('originalSound')}
        </span>
        <small className={`${styles.select} ${styles.quiet}`}>{t('originalSoundHint')}</small>
        <Switch
          aria-label={t('originalSound')}
          checked={choice.rawSound ?? false}
          onChange={(on) => void devices.setRawSound(on)}
          data-testid="original-sound"
        />
      </div>
    </div>
  );
}

function noPictureWord(status: DeviceStatus) {
  if (status === 'asking') return 'lesson:pictureComing';
  return status === 'off' ? 'lesson:noPictureSelf' : 'lesson:noPicture';
}

interface DeviceSelectProps {
  kind: DeviceKind;
  devices: Devices;
  list: readonly MediaDeviceInfo[];
  chosen: string | undefined;
  view: DeviceView;
}

/** Browsers tell names only after a device was allowed; until then there is nothing to choose. */
function DeviceSelect({ kind, devices, list, chosen, view }: DeviceSelectProps) {
  const { t } = useTranslation('teacher');
  const named = list.filter((device) => device.deviceId !== '' && device.label !== '');
  if (named.length === 0) return <span className={styles.select} />;
  const inUse = view.track?.getSettings().deviceId ?? chosen;
  return (
    <Select
      className={styles.select ?? ''}
      aria-label={t(kind)}
      value={named.some((device) => device.deviceId === inUse) ? inUse : named[0]?.deviceId}
      onChange={(id) => void devices.choose(kind, { id })}
      options={named.map((device) => ({ value: device.deviceId, label: device.label }))}
      data-testid={`choose-${kind}`}
    />
  );
}

const problems = {
  camera: {
    none: 'noCamera',
    denied: 'cameraDenied',
    inUse: 'cameraBusy',
    unplugged: 'cameraLost',
    failed: 'deviceFailed',
  },
  microphone: {
    none: 'noMicrophone',
    denied: 'microphoneDenied',
    inUse: 'microphoneBusy',
    unplugged: 'microphoneLost',
    failed: 'deviceFailed',
  },
} as const;

export function DeviceProblem({ kind, view: { status } }: { kind: DeviceKind; view: DeviceView }) {
  const { t } = useTranslation('teacher');
  if (status === 'ok' || status === 'closed' || status === 'asking' || status === 'off') return null;
  const insecure = status === 'denied' && globalThis.isSecureContext === false;
  return (
    <Alert
      type="warning"
      showIcon
      title={t(insecure ? 'insecure' : problems[kind][status])}
      data-testid={`${kind}-problem`}
    />
  );
}

function Level({ track }: { track: MediaStreamTrack }) {
  const { t } = useTranslation('teacher');
  const level = useLevel(track);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    if (level > 0.25) setHeard(true);
  }, [level]);
  return (
    <div>
      <LevelBar level={level} label={t('microphoneLevel')} />
      <small className={heard ? styles.heard : styles.quiet} aria-live="polite">
        {t(heard ? 'microphoneHeard' : 'microphoneQuiet')}
      </small>
    </div>
  );
}
