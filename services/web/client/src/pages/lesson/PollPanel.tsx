import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PollForm } from './PollForm';
import styles from './PollPanel.module.css';
import { PollResults } from './PollResults';
import { useRoom } from './room';

/** Asks a question, follows the answers, shows the result; then the next question. */
export function PollPanel() {
  const { t } = useTranslation('lesson');
  const { state, listener } = useRoom();
  const poll = state.poll?.pollId ? state.poll : undefined;
  const [askedAfter, setAskedAfter] = useState('');
  const asking = !poll || (poll.closed && askedAfter === poll.pollId);
  if (asking) return listener ? <p className={styles.quiet}>{t('pollNone')}</p> : <PollForm />;
  return <PollResults poll={poll} onNext={() => setAskedAfter(poll.pollId)} />;
}
