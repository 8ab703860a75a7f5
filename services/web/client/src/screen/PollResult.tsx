import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LessonState } from '../gen/tongke/classroom/v1/event_pb';
import { numbered } from '../ui/numbered';
import styles from './cards.module.css';
import { Question } from './Question';

const shownMs = 20_000;

/** PollResult shows what was asked and the sums, for a while after the poll was closed. */
export function PollResult({ state }: { state: LessonState }) {
  const { t } = useTranslation('screen');
  const { poll } = state;
  const closedId = poll?.closed ? poll.pollId : '';
  // What was closed before this screen came is old news.
  const [dismissed, setDismissed] = useState(closedId);
  useEffect(() => {
    if (closedId === '' || closedId === dismissed) return;
    const timer = setTimeout(() => setDismissed(closedId), shownMs);
    return () => clearTimeout(timer);
  }, [closedId, dismissed]);

  if (!poll || closedId === '' || closedId === dismissed) return null;
  const most = Math.max(1, ...poll.totals);
  return (
    <div className={`${styles.card} ${styles.poll}`} data-testid="poll-result">
      <div>
        <p className={styles.kicker}>{t('pollResult')}</p>
        <Question text={poll.question} />
      </div>
      <ol>
        {numbered(poll.options).map(({ place, item }) => (
          <li key={place} className={styles.total}>
            <span>{item}</span>
            <div className={styles.share}>
              <div style={{ transform: `scaleX(${(poll.totals[place - 1] ?? 0) / most})` }} />
            </div>
            <output className={styles.headsTotal}>{t('pollPeople', { count: poll.totals[place - 1] ?? 0 })}</output>
          </li>
        ))}
      </ol>
      <div className={styles.row}>
        <button type="button" className={styles.quiet} onClick={() => setDismissed(closedId)}>
          {t('close')}
        </button>
      </div>
    </div>
  );
}
