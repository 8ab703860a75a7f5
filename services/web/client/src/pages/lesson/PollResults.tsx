import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { answerOf, classroomsOf } from '../../core/lesson/look';
import type { PollState } from '../../gen/tongke/classroom/v1/event_pb';
import styles from './PollPanel.module.css';
import { totalsOf } from './poll';
import { useRoom } from './room';

/**
 * The answers of an open or closed poll: totals as bars, then each room's counts. Who only listens sees the counts
 * when the poll is closed, and until then who answered.
 */
export function PollResults({ poll, onNext }: { poll: PollState; onNext: () => void }) {
  const { t } = useTranslation('lesson');
  const { state, send, isSending, listener } = useRoom();
  const totals = totalsOf(poll);
  const most = Math.max(1, ...totals);
  const rooms = classroomsOf(state);
  const hidden = listener && !poll.closed;
  return (
    <div className={styles.results} data-testid="poll-results">
      <div>
        <span className={poll.closed ? styles.closed : styles.running}>
          {t(poll.closed ? 'pollClosed' : 'pollRunning')}
        </span>
        <h3>{poll.question}</h3>
      </div>
      <ul className={styles.bars}>
        {poll.options.map((option, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: options may repeat; their place is their name.
          <li key={index} data-testid="poll-option">
            <span className={styles.optionName}>{option}</span>
            <span className={styles.track} aria-hidden="true">
              <span style={{ width: `${((totals[index] ?? 0) / most) * 100}%` }} />
            </span>
            <strong data-testid="poll-total">{hidden ? '–' : (totals[index] ?? 0)}</strong>
          </li>
        ))}
      </ul>
      <p className={styles.quiet} aria-live="polite">
        {t('pollAnswered', { answered: poll.answers.length, rooms: rooms.length })}
      </p>
      <table className={styles.rooms}>
        <tbody>
          {rooms.map(({ entry }) => {
            const answer = answerOf(state, entry?.participantId ?? '');
            return (
              <tr key={entry?.participantId} data-testid="poll-room">
                <th scope="row">{entry?.name}</th>
                <td>
                  {!answer
                    ? t('pollNoAnswer')
                    : hidden
                      ? t('pollHiddenAnswer')
                      : poll.options.map((option, index) => `${option} ${answer.counts[index] ?? 0}`).join('　')}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {!listener &&
        (poll.closed ? (
          <Button onClick={onNext} data-testid="poll-next">
            {t('pollNew')}
          </Button>
        ) : (
          <Button
            type="primary"
            loading={isSending('closePoll', poll.pollId)}
            onClick={() => send((commands) => commands.closePoll(poll.pollId))}
            data-testid="poll-close"
          >
            {t('pollClose')}
          </Button>
        ))}
    </div>
  );
}
