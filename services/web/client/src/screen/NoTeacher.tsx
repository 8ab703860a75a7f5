import { useTranslation } from 'react-i18next';
import { useStore, useZone } from '../adapters/core';
import { leadTeacherOf } from '../core/lesson/look';
import type { Room } from '../core/room';
import { LessonPhase, type LessonState, Presence } from '../gen/tongke/classroom/v1/event_pb';
import styles from './live.module.css';

interface NoTeacherProps {
  room: Room;
  state: LessonState;
  /** The teacher was seen in this lesson before. */
  seen: boolean;
}

/** NoTeacher fills the main place while there is nothing to see of the teacher, and says why. */
export function NoTeacher({ room, state, seen }: NoTeacherProps) {
  const { t } = useTranslation('screen');
  const { clock } = useZone();
  const media = useStore(room.media);
  const teacher = leadTeacherOf(state);
  const live = state.phase === LessonPhase.LIVE;
  // That the teacher reconnects is said over the pictures, once for the whole page.
  const reconnecting = teacher?.presence === Presence.RECONNECTING;
  const why = () => {
    if (teacher?.presence !== Presence.PRESENT) return t('teacherAway');
    // Both ends have their media, so a picture that is missing is one that is not sent.
    const notSent = media.status === 'connected' && teacher.mediaConnected;
    if (!notSent) return t('teacherNoPicture');
    return seen ? t('teacherCameraOff') : t('teacherNoCamera');
  };
  return (
    <div className={styles.noTeacher} data-live={live} data-testid="no-teacher">
      {live && !reconnecting && <strong>{why()}</strong>}
      {!live && !reconnecting && (
        <>
          <strong>{t('waitTeacher')}</strong>
          <span>{t('waitTeacherHint', { time: clock(state.plan?.startsAt) })}</span>
          <span>{teacher?.presence === Presence.PRESENT ? t('teacherHere') : t('teacherComing')}</span>
        </>
      )}
    </div>
  );
}
