import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNow, useStore, useZone } from '../adapters/core';
import { isOnStage, leadTeacherOf, openPollOf } from '../core/lesson/look';
import type { Room } from '../core/room';
import { type LessonState, Presence } from '../gen/tongke/classroom/v1/event_pb';
import { useFaultText } from '../ui/useFaultText';
import { ChatTicker } from './ChatTicker';
import { Controls } from './Controls';
import styles from './live.module.css';
import { Pictures } from './Pictures';
import { PollCard } from './PollCard';
import { PollResult } from './PollResult';
import { usePress } from './usePress';

interface LiveProps {
  room: Room;
  state: LessonState;
  selfId: string;
}

/** Live is the window into the other room: pictures, what is being said, and one big button. */
export function Live({ room, state, selfId }: LiveProps) {
  const { t } = useTranslation('screen');
  const faultText = useFaultText();
  const { clock } = useZone();
  const now = useNow();
  const { status } = useStore(room.lesson);
  const media = useStore(room.media);
  const sound = useStore(room.sound);
  const poll = openPollOf(state);
  const onStage = isOnStage(state, selfId);
  const called = useCalled(state, selfId);
  const { press, problem } = usePress();

  return (
    <section className={styles.live} data-testid="screen-live" data-on-stage={onStage} data-media={media.status}>
      <header className={styles.top}>
        <strong>{state.plan?.title}</strong>
        <span>{leadTeacherOf(state)?.entry?.name}</span>
        <span className={styles.state} role="status" data-testid="connection-state">
          {media.status === 'failed' && media.fault && status.kind === 'live'
            ? faultText(media.fault)
            : stateWord(status.kind, media.status, t)}
        </span>
        <ChatTicker state={state} now={now} />
        <time>{clock(now)}</time>
      </header>
      <div className={styles.middle}>
        <Pictures room={room} state={state} selfId={selfId} />
        {onStage && (
          <div className={styles.stageBanner} data-testid="on-stage">
            <strong>{t('onStage')}</strong>
            {called && <span>{t('calledOn')}</span>}
          </div>
        )}
        <TeacherAway state={state} />
        {poll && <PollCard key={poll.pollId} room={room} poll={poll} selfId={selfId} press={press} />}
        <PollResult state={state} />
        {problem !== '' && (
          <p className={styles.problem} role="alert">
            {problem}
          </p>
        )}
        {sound.blocked && (
          <button
            type="button"
            className={styles.soundBlocked}
            onClick={() => void room.sound.play()}
            data-testid="play-sound"
          >
            {t('touchSound')}
          </button>
        )}
      </div>
      <Controls room={room} state={state} selfId={selfId} press={press} />
    </section>
  );
}

type Translate = ReturnType<typeof useTranslation<'screen'>>['t'];

function stateWord(lesson: string, media: string, t: Translate): string {
  if (lesson !== 'live') return t('reconnecting');
  switch (media) {
    case 'connecting':
      return t('mediaConnecting');
    case 'reconnecting':
      return t('mediaReconnecting');
    case 'failed':
      return t('mediaFailed');
    default:
      return '';
  }
}

function TeacherAway({ state }: { state: LessonState }) {
  const { t } = useTranslation('screen');
  if (leadTeacherOf(state)?.presence !== Presence.RECONNECTING) return null;
  return (
    <div className={styles.away} role="status" data-testid="teacher-reconnecting">
      <strong>{t('teacherReconnecting')}</strong>
      <span>{t('teacherReconnectingHint')}</span>
    </div>
  );
}

const calledMs = 8_000;

/** useCalled is true for a while after the teacher called on this classroom. */
function useCalled(state: LessonState, selfId: string): boolean {
  const count = state.participants.find((one) => one.entry?.participantId === selfId)?.calledOn ?? 0;
  const [seen, setSeen] = useState(count);
  useEffect(() => {
    if (count === seen) return;
    const timer = setTimeout(() => setSeen(count), calledMs);
    return () => clearTimeout(timer);
  }, [count, seen]);
  return count > seen;
}
