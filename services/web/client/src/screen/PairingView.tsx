import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore, useNow, useStore } from '../adapters/core';
import { Pairing } from '../core/pairing';
import { numbered } from '../ui/numbered';
import { span } from '../ui/time';
import styles from './pairing.module.css';

/** PairingView shows the code that binds this screen to a classroom. */
export function PairingView() {
  const { t } = useTranslation('screen');
  const { api, clock, session } = useCore();
  const [pairing] = useState(() => new Pairing(api, clock));
  const view = useStore(pairing);
  const now = useNow();

  useEffect(() => {
    pairing.start();
    return () => pairing.stop();
  }, [pairing]);
  useEffect(() => {
    if (view.status === 'paired') void session.load();
  }, [view.status, session]);

  const left = Math.max(0, view.expiresAtMs - now);
  const share = left / Math.max(1, view.expiresAtMs - view.startedAtMs);
  return (
    <section className={styles.pairing}>
      <h1>{t('pairTitle')}</h1>
      <ol className={styles.steps}>
        <li>{t('pairStep1')}</li>
        <li>{t('pairStep2')}</li>
      </ol>
      <p className={styles.code} data-testid="pairing-code" data-code={view.code}>
        {view.code ? numbered(view.code).map(({ place, item }) => <b key={place}>{item}</b>) : t('pairPreparing')}
      </p>
      <div className={styles.left} style={{ visibility: view.status === 'showing' ? 'visible' : 'hidden' }}>
        <div className={styles.bar}>
          <div style={{ transform: `scaleX(${share})` }} />
        </div>
        <p>{t('pairLeft', { time: span(left) })}</p>
      </div>
      <p className={styles.state} role="status">
        {view.classroom ? t('pairDone', { name: view.classroom.name }) : view.offline && t('pairOffline')}
      </p>
    </section>
  );
}
