import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../adapters/core';
import type { Room } from '../core/room';
import type { PollState } from '../gen/tongke/classroom/v1/event_pb';
import { numbered } from '../ui/numbered';
import styles from './cards.module.css';
import { Question } from './Question';
import { mostHeads, Stepper } from './Stepper';
import type { Press } from './usePress';

interface PollCardProps {
  room: Room;
  poll: PollState;
  selfId: string;
  press: Press;
}

/** PollCard takes a room's answer: so many hands for each option. Number keys add one, Enter sends. */
export function PollCard({ room, poll, selfId, press }: PollCardProps) {
  const { t } = useTranslation('screen');
  const { commands } = room.lesson;
  useStore(commands);
  const given = poll.answers.find((one) => one.participantId === selfId);
  const [counts, setCounts] = useState(() => poll.options.map((_, i) => given?.counts[i] ?? 0));
  const sending = commands.isSending('answerPoll', selfId);
  const sent = given !== undefined && counts.every((count, i) => count === given.counts[i]);
  const sendable = !sending && !sent && counts.some((count) => count > 0);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const option = Number(event.key) - 1;
      if (option in poll.options) {
        const by = event.ctrlKey ? -1 : 1;
        setCounts((was) => was.map((n, i) => (i === option ? Math.min(mostHeads, Math.max(0, n + by)) : n)));
      } else if (event.key === 'Enter' && sendable) {
        event.preventDefault();
        press(commands.answerPoll(poll.pollId, selfId, counts));
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [commands, poll, selfId, counts, sendable, press]);

  return (
    <div className={`${styles.card} ${styles.poll}`} data-testid="poll">
      <Question text={poll.question} />
      <ol>
        {numbered(poll.options).map(({ place, item }) => (
          <li key={place}>
            <b>{place}</b>
            <span>{item}</span>
            <Stepper
              label={item}
              value={counts[place - 1] ?? 0}
              onChange={(value) => setCounts((was) => was.with(place - 1, value))}
              testId={`poll-option-${place}`}
            />
          </li>
        ))}
      </ol>
      <div className={styles.row}>
        <p role="status" data-sent={sent}>
          {sending ? t('sending') : sent ? t('pollSent') : t('pollKeys')}
        </p>
        <button
          type="button"
          className={styles.send}
          disabled={!sendable}
          onClick={() => press(commands.answerPoll(poll.pollId, selfId, counts))}
          data-testid="poll-send"
        >
          {given ? t('pollSendAgain') : t('pollSend')}
        </button>
      </div>
    </div>
  );
}
