import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../adapters/core';
import { isOnStage, participantOf, placeInQueue } from '../core/lesson/look';
import type { Room } from '../core/room';
import { LessonPhase, type LessonState } from '../gen/tongke/classroom/v1/event_pb';
import styles from './controls.module.css';
import { useDeviceWord } from './deviceWord';
import { HeadCountCard } from './HeadCountCard';
import { HandIcon, MicIcon } from './icons';
import type { Press } from './usePress';

interface ControlsProps {
  room: Room;
  state: LessonState;
  selfId: string;
  press: Press;
}

/** Controls is the bar at the bottom: is the class heard, how many are here, and the hand. */
export function Controls({ room, state, selfId, press }: ControlsProps) {
  const { t } = useTranslation('screen');
  const [counting, setCounting] = useState(false);
  const own = participantOf(state, selfId);
  return (
    <footer className={styles.bar}>
      <Microphone room={room} state={state} selfId={selfId} press={press} />
      <button type="button" className={styles.count} onClick={() => setCounting(true)} data-testid="head-count">
        <span>{t('headCount')}</span>
        <b>{own?.headCount === undefined ? t('headCountAsk') : t('headCountValue', { count: own.headCount })}</b>
      </button>
      <HandButton room={room} state={state} selfId={selfId} press={press} />
      {counting && (
        <HeadCountCard
          count={own?.headCount ?? 0}
          onSave={(count) => press(room.lesson.commands.setHeadCount(selfId, count))}
          onClose={() => setCounting(false)}
        />
      )}
    </footer>
  );
}

/** Microphone says whether the class hears this room. On stage it is also a switch. */
function Microphone({ room, state, selfId, press }: ControlsProps) {
  const { t } = useTranslation('screen');
  const word = useDeviceWord();
  const { microphone } = useStore(room.devices);
  useStore(room.lesson.commands);
  const own = participantOf(state, selfId);
  const onStage = isOnStage(state, selfId);
  const open = own?.audioOpen ?? false;
  const works = microphone.status === 'ok';
  const connected = useStore(room.media).status === 'connected';
  const heard = open && works && connected && state.phase === LessonPhase.LIVE;
  const words = heard
    ? t('heard')
    : open && !works
      ? t('micMissing')
      : open && !connected
        ? t('micNotConnected')
        : own?.mutedByTeacher
          ? t('micMutedByTeacher')
          : t('micClosed');
  // What keeps the class from being heard takes more words than "on" and "off".
  const blocked = !heard && (open || (own?.mutedByTeacher ?? false));
  const sending = room.lesson.commands.isSending('setAudio', selfId);
  return (
    <div className={styles.microphone} data-heard={heard} data-blocked={blocked} data-testid="microphone">
      <MicIcon off={!heard} />
      <div>
        <b>{words}</b>
        {!works && <span>{word('microphone', microphone.status)}</span>}
        {onStage && works && !own?.mutedByTeacher && (
          <button
            type="button"
            disabled={sending}
            onClick={() => press(room.setMicrophone(!open))}
            data-testid="microphone-switch"
          >
            {t(open ? 'micClose' : 'micOpen')}
          </button>
        )}
      </div>
    </div>
  );
}

/** HandButton raises and lowers the hand, by touch or by the space key. */
function HandButton({ room, state, selfId, press }: ControlsProps) {
  const { t } = useTranslation('screen');
  useStore(room.lesson.commands);
  const { commands } = room.lesson;
  const place = placeInQueue(state, selfId);
  const raised = place > 0;
  const sending = commands.isSending('raiseHand', selfId) || commands.isSending('lowerHand', selfId);
  const usable = state.phase === LessonPhase.LIVE && !isOnStage(state, selfId);

  const turn = useCallback(
    () => press(raised ? commands.lowerHand(selfId) : commands.raiseHand(selfId)),
    [press, raised, commands, selfId],
  );
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.code !== 'Space' || event.repeat) return;
      event.preventDefault(); // Space must not press a button that happens to have the focus.
      if (usable && !sending) turn();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [turn, usable, sending]);

  return (
    <button
      type="button"
      className={styles.hand}
      data-raised={raised}
      data-sending={sending}
      data-testid="hand"
      aria-pressed={raised}
      disabled={!usable || sending}
      onClick={turn}
    >
      <HandIcon />
      <span>
        <b>{sending ? t('sending') : raised ? t('raised') : t('raise')}</b>
        {raised ? <i>{t('place', { place })}</i> : usable && <i>{t('space')}</i>}
      </span>
    </button>
  );
}
