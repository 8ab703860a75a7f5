import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../adapters/core';
import type { LessonStore } from '../core/lesson/lessonStore';
import { isOnStage, placeInQueue } from '../core/lesson/look';
import { LessonPhase, type LessonState, type ParticipantState, Presence } from '../gen/tongke/classroom/v1/event_pb';
import { Icon } from '../ui/Icon';
import type { Press } from './AssistedLesson';
import styles from './assistant.module.css';
import { Counter } from './Counter';

interface RoomControlsProps {
  lesson: LessonStore;
  state: LessonState;
  room: ParticipantState;
  press: Press;
}

/** RoomControls is what an assistant does for one classroom: hand, stage, microphone, head-count. */
export function RoomControls({ lesson, state, room, press }: RoomControlsProps) {
  const { t } = useTranslation('assistant');
  const { commands } = lesson;
  useStore(commands);
  const id = room.entry?.participantId ?? '';
  const onStage = isOnStage(state, id);
  const live = state.phase === LessonPhase.LIVE;
  const present = room.presence !== Presence.ABSENT;
  return (
    <section className={styles.card}>
      <p className={styles.roomState} data-testid="room-state">
        <b>{room.entry?.name}</b>
        <span data-good={room.presence === Presence.PRESENT && room.mediaConnected}>{t(roomWord(room))}</span>
      </p>
      {onStage ? (
        <div className={styles.stage} data-testid="room-on-stage">
          <p>
            <b>{t('onStage')}</b>
            <span>{t(room.audioOpen ? 'heard' : 'muted')}</span>
          </p>
          <div className={styles.pair}>
            <Button
              size="large"
              icon={<Icon name={room.audioOpen ? 'micOff' : 'mic'} />}
              loading={commands.isSending('setAudio', id)}
              disabled={room.mutedByTeacher}
              onClick={() => void press(commands.setAudio(id, !room.audioOpen))}
              data-testid="room-microphone"
            >
              {t(room.audioOpen ? 'mute' : 'unmute')}
            </Button>
            <Button
              size="large"
              icon={<Icon name="down" />}
              loading={commands.isSending('setStage', id)}
              onClick={() => void press(commands.setStage(id, false))}
              data-testid="off-stage"
            >
              {t('offStage')}
            </Button>
          </div>
        </div>
      ) : (
        <Hand lesson={lesson} place={placeInQueue(state, id)} roomId={id} usable={live && present} press={press} />
      )}
      {!live && <p className={styles.quiet}>{t('waitStart')}</p>}
      <HeadCount lesson={lesson} room={room} press={press} />
    </section>
  );
}

interface HandProps {
  lesson: LessonStore;
  place: number;
  roomId: string;
  usable: boolean;
  press: Press;
}

function Hand({ lesson: { commands }, place, roomId, usable, press }: HandProps) {
  const { t } = useTranslation('assistant');
  const raised = place > 0;
  const sending = commands.isSending('raiseHand', roomId) || commands.isSending('lowerHand', roomId);
  return (
    <button
      type="button"
      className={styles.hand}
      data-raised={raised}
      aria-pressed={raised}
      disabled={!usable || sending}
      onClick={() => void press(raised ? commands.lowerHand(roomId) : commands.raiseHand(roomId))}
      data-testid="hand"
    >
      <Icon name="hand" size={40} />
      <b>{sending ? t('sending') : raised ? t('place', { place }) : t('raise')}</b>
      {raised && !sending && <span>{t('lower')}</span>}
    </button>
  );
}

function HeadCount({ lesson: { commands }, room, press }: Pick<RoomControlsProps, 'lesson' | 'room' | 'press'>) {
  const { t } = useTranslation('assistant');
  const id = room.entry?.participantId ?? '';
  const [value, setValue] = useState(room.headCount ?? 0);
  return (
    <div className={styles.line}>
      <span>
        {t('headCount')}
        {room.headCount === undefined && <small> {t('headCountUnknown')}</small>}
      </span>
      <Counter label={t('headCount')} value={value} onChange={setValue} testId="head-count" />
      <Button
        size="large"
        disabled={value === room.headCount}
        loading={commands.isSending('setHeadCount', id)}
        onClick={() => void press(commands.setHeadCount(id, value))}
        data-testid="head-count-save"
      >
        {t('save')}
      </Button>
    </div>
  );
}

function roomWord(room: ParticipantState) {
  if (room.presence === Presence.RECONNECTING) return 'roomReconnecting';
  if (room.presence !== Presence.PRESENT) return 'roomAbsent';
  return room.mediaConnected ? 'roomMedia' : 'roomNoMedia';
}
