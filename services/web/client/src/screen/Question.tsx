import styles from './cards.module.css';

/** Question is what a poll asks, as large as its length leaves room for: it is read from the back of the classroom. */
export function Question({ text }: { text: string }) {
  const length = text.length <= 36 ? 'short' : text.length <= 90 ? 'medium' : 'long';
  return (
    <h2 className={styles.question} data-length={length} data-testid="poll-question">
      {text}
    </h2>
  );
}
