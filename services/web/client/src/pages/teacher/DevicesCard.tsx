import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Devices } from '../../core/media/devices';
import { DeviceCheck } from '../../ui/DeviceCheck';
import styles from './DevicesCard.module.css';

/** Camera and microphone before the lesson. They open on request only, and close with the page. */
export function DevicesCard() {
  const { t } = useTranslation('teacher');
  const [devices, setDevices] = useState<Devices>();

  useEffect(() => () => devices?.close(), [devices]);

  const start = () => {
    const opened = new Devices();
    setDevices(opened);
    void opened.open();
  };
  return (
    <section className={styles.card} aria-label={t('deviceCheck')}>
      <h2>{t('deviceCheck')}</h2>
      <p>{t('deviceCheckHint')}</p>
      {devices ? (
        <>
          <DeviceCheck devices={devices} />
          <Button type="text" onClick={() => setDevices(undefined)}>
            {t('stopCheck')}
          </Button>
        </>
      ) : (
        <Button onClick={start} data-testid="start-device-check">
          {t('startCheck')}
        </Button>
      )}
    </section>
  );
}
