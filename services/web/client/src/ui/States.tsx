import { Button, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon, type IconName } from './Icon';
import styles from './States.module.css';
import { useFaultText } from './useFaultText';

/** Nothing to show: say so, and what will bring something. */
export function EmptyState({ icon, title, hint, children }: EmptyStateProps) {
  return (
    <div className={styles.state} data-testid="empty">
      <span className={styles.icon}>
        <Icon name={icon} size={40} />
      </span>
      <p className={styles.title}>{title}</p>
      {hint && <p className={styles.hint}>{hint}</p>}
      {children}
    </div>
  );
}

interface EmptyStateProps {
  icon: IconName;
  title: string;
  hint?: string;
  children?: ReactNode;
}

/** Something failed: what, why in plain words, and a button to try again. */
export function ErrorState({ title, error, onRetry }: { title: string; error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  const faultText = useFaultText();
  return (
    <div className={styles.state} role="alert" data-testid="load-error">
      <span className={`${styles.icon} ${styles.bad}`}>
        <Icon name="warning" size={40} />
      </span>
      <p className={styles.title}>{title}</p>
      <p className={styles.hint}>{faultText(error)}</p>
      <Button onClick={onRetry}>{t('retry')}</Button>
    </div>
  );
}

export function LoadingState() {
  const { t } = useTranslation();
  return (
    <div className={styles.loading} role="status">
      <span className="visually-hidden">{t('loading')}</span>
      <Skeleton active title paragraph={{ rows: 4 }} />
    </div>
  );
}
