import { Button, Popconfirm } from 'antd';
import { useTranslation } from 'react-i18next';
import { useStore } from '../adapters/core';
import type { LessonStore } from '../core/lesson/lessonStore';
import { teacherPresence } from '../core/lesson/look';
import { LessonPhase, type LessonState, Presence } from '../gen/tongke/classroom/v1/event_pb';
import type { Press } from './AssistedLesson';
import styles from './assistant.module.css';

/** EndLesson is there while the lead teacher is away: somebody has to be able to let the classes go. */
export function EndLesson({ lesson, state, press }: { lesson: LessonStore; state: LessonState; press: Press }) {
  const { t } = useTranslation('assistant');
  useStore(lesson.commands);
  if (state.phase !== LessonPhase.LIVE || teacherPresence(state) === Presence.PRESENT) return null;
  return (
    <section className={styles.card}>
      <p className={styles.quiet}>{t('endHint')}</p>
      <Popconfirm
        title={t('endConfirm')}
        description={t('endConfirmHint')}
        okText={t('endYes')}
        okButtonProps={{ danger: true, size: 'large' }}
        cancelText={t('endNo')}
        cancelButtonProps={{ size: 'large' }}
        onConfirm={() => void press(lesson.commands.endLesson())}
      >
        <Button danger block size="large" loading={lesson.commands.isSending('endLesson')} data-testid="end-lesson">
          {t('endLesson')}
        </Button>
      </Popconfirm>
    </section>
  );
}
