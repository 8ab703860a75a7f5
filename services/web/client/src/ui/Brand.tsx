import { useTranslation } from 'react-i18next';
import styles from './Brand.module.css';

/** Two windows side by side: one lesson, two rooms. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect x="1" y="5" width="19" height="16" rx="4" fill="var(--primary)" />
      <rect x="12" y="12" width="19" height="15" rx="4" fill="#e8b04b" />
      <rect x="12" y="12" width="8" height="9" fill="#fff" opacity="0.92" />
    </svg>
  );
}

export function Brand({ size = 28 }: { size?: number }) {
  const { t } = useTranslation();
  return (
    <span className={styles.brand} style={{ fontSize: size * 0.75 }}>
      <Mark size={size} />
      <span>{t('product')}</span>
    </span>
  );
}
