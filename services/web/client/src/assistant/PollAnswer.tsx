import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../adapters/core';
import type { LessonStore } from '../core/lesson/lessonStore';
import { answerOf } from '../core/lesson/look';
import type { LessonState } from '../gen/tongke/classroom/v1/event_pb';
import { numbered } from '../ui/numbered';
import type { Press } from './AssistedLesson';
import styles from './assistant.module.css';
import { Counter } from './Counter';

interface PollAnswerProps {
  lesson: LessonStore;
  state: LessonState;
  roomId: string;
  press: Press;
}

/** PollAnswer counts hands for a classroom, and shows the sums once the poll is closed. */
export function PollAnswer({ lesson: { commands }, state, roomId, press }: PollAnswerProps) {
  const { t } = useTranslation('assistant');
  useStore(commands);
  const { poll } = state;
  const given = answerOf(state, roomId);
  const [counts, setCounts] = useState(() => (poll?.options ?? []).map((_, i) => given?.counts[i] ?? 0));
  if (!poll?.pollId) return null;
  const sent = given !== undefined && counts.every((count, i) => count === given.counts[i]);
  return (
    <section className={styles.card} data-testid="poll">
      <h3>{poll.closed ? t('pollResult') : t('poll')}</h3>
      <p>{poll.question}</p>
      {numbered(poll.options).map(({ place, item }) => (
        <div key={place} className={styles.line}>
          <span>{item}</span>
          {poll.closed ? (
            <b>{poll.totals[place - 1] ?? 0}</b>
          ) : (
            <Counter
              label={item}
              value={counts[place - 1] ?? 0}
              onChange={(value) => setCounts((was) => was.with(place - 1, value))}
              testId={`poll-option-${place}`}
            />
          )}
        </div>
      ))}
      {!poll.closed && (
        <Button
          type="primary"
          size="large"
          block
          disabled={sent || counts.every((count) => count === 0)}
          loading={commands.isSending('answerPoll', roomId)}
          onClick={() => void press(commands.answerPoll(poll.pollId, roomId, counts))}
          data-testid="poll-send"
        >
          {sent ? t('pollSent') : given ? t('pollChange') : t('pollSend')}
        </Button>
      )}
    </section>
  );
}
