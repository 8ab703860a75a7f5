import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Devices } from '../core/media/devices';
import { touchNeeded } from '../core/media/touch';
import styles from './screen.module.css';

/**
 * TouchToStart is one big button, there only when the browser wants to be touched once before it plays sound and
 * opens devices by itself. The devices are let go of again: nobody is filmed between lessons.
 */
export function TouchToStart() {
  const { t } = useTranslation('screen');
  const [needed, setNeeded] = useState(false);

  useEffect(() => {
    let here = true;
    void touchNeeded().then((answer) => here && setNeeded(answer));
    return () => {
      here = false;
    };
  }, []);

  const start = async () => {
    setNeeded(false);
    document.documentElement.requestFullscreen?.().catch(() => undefined);
    const devices = new Devices();
    await devices.open();
    devices.close();
  };

  if (!needed) return null;
  return (
    <div className={styles.touch}>
      <button type="button" onClick={start} data-testid="touch-to-start">
        {t('touch')}
      </button>
      <p>{t('touchHint')}</p>
    </div>
  );
}
