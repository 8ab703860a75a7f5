import { useTranslation } from 'react-i18next';
import styles from './cards.module.css';

/** The server accepts at most this many heads in one room. */
export const mostHeads = 200;

interface StepperProps {
  label: string;
  value: number;
  onChange: (value: number) => void;
  testId?: string;
}

/** Stepper counts heads with two buttons that a child can hit. */
export function Stepper({ label, value, onChange, testId }: StepperProps) {
  const { t } = useTranslation('screen');
  const step = (by: number) => onChange(Math.min(mostHeads, Math.max(0, value + by)));
  return (
    <fieldset className={styles.stepper} aria-label={label} data-testid={testId}>
      <button type="button" onClick={() => step(-1)} aria-label={`${label}: ${t('fewer')}`} disabled={value === 0}>
        −
      </button>
      <output>{value}</output>
      <button
        type="button"
        onClick={() => step(1)}
        aria-label={`${label}: ${t('more')}`}
        disabled={value === mostHeads}
      >
        +
      </button>
    </fieldset>
  );
}
