import styles from './LevelBar.module.css';

/** How loud a microphone is, 0..1. */
export function LevelBar({ level, label }: { level: number; label: string }) {
  return (
    <meter
      className={styles.bar}
      min={0}
      max={100}
      value={Math.round(Math.min(1, Math.max(0, level)) * 100)}
      aria-label={label}
      data-testid="mic-level"
    />
  );
}
