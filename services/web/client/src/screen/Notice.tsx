import type { ReactNode } from 'react';
import styles from './screen.module.css';

interface NoticeProps {
  title: string;
  hint?: string;
  action?: { text: string; press: () => void };
  children?: ReactNode;
  testId?: string;
}

/** Notice fills the screen with a few large words. */
export function Notice({ title, hint, action, children, testId }: NoticeProps) {
  return (
    <section className={styles.notice} data-testid={testId}>
      <h1>{title}</h1>
      {hint && <p>{hint}</p>}
      {children}
      {action && (
        <button type="button" className={styles.bigButton} onClick={action.press}>
          {action.text}
        </button>
      )}
    </section>
  );
}
