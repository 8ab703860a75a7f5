import { useTranslation } from 'react-i18next';
import { leadTeacherOf, teacherPresence } from '../core/lesson/look';
import { type LessonState, Presence } from '../gen/tongke/classroom/v1/event_pb';
import { phaseWord } from '../ui/words';
import styles from './assistant.module.css';

/** TeacherState says whether the lead teacher is there, and where the lesson stands. */
export function TeacherState({ state }: { state: LessonState }) {
  const { t } = useTranslation(['assistant', 'common']);
  const presence = teacherPresence(state);
  const words =
    presence === Presence.PRESENT
      ? t('teacherHere')
      : presence === Presence.RECONNECTING
        ? t('teacherReconnecting')
        : t('teacherAway');
  return (
    <p className={styles.teacher} data-here={presence === Presence.PRESENT} data-testid="teacher-state">
      <b>{leadTeacherOf(state)?.entry?.name}</b>
      <span>{words}</span>
      <em>{t(`common:${phaseWord[state.phase]}`)}</em>
    </p>
  );
}
