import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './cards.module.css';
import { mostHeads, Stepper } from './Stepper';

interface HeadCountCardProps {
  count: number;
  onSave: (count: number) => void;
  onClose: () => void;
}

/** HeadCountCard asks how many children are here. */
export function HeadCountCard({ count, onSave, onClose }: HeadCountCardProps) {
  const { t } = useTranslation('screen');
  const [value, setValue] = useState(count);
  const jump = (by: number) => setValue((was) => Math.min(mostHeads, Math.max(0, was + by)));
  const save = () => {
    onSave(value);
    onClose();
  };
  return (
    <div className={styles.card} data-testid="head-count-card">
      <h2>{t('headCount')}</h2>
      <div className={styles.row}>
        <button type="button" className={styles.jump} onClick={() => jump(-10)}>
          −10
        </button>
        <Stepper label={t('headCount')} value={value} onChange={setValue} />
        <button type="button" className={styles.jump} onClick={() => jump(10)}>
          +10
        </button>
      </div>
      <div className={styles.row}>
        <button type="button" className={styles.quiet} onClick={onClose}>
          {t('close')}
        </button>
        <button type="button" className={styles.send} onClick={save} data-testid="head-count-save">
          {t('headCountSave')}
        </button>
      </div>
    </div>
  );
}
