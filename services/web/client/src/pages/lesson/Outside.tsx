import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { type Fault, isTransient } from '../../core/fault';
import type { LessonStore } from '../../core/lesson/lessonStore';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import { EmptyState } from '../../ui/States';
import { useFaultText } from '../../ui/useFaultText';
import styles from './Outside.module.css';

/** The lesson runs in a newer window: say so, and offer to come back. */
export function Superseded({ lesson }: { lesson: LessonStore }) {
  const { t } = useTranslation('lesson');
  return (
    <main className={styles.page} data-testid="superseded">
      <EmptyState icon="screen" title={t('superseded')} hint={t('supersededHint')}>
        <Button type="primary" size="large" onClick={() => lesson.takeOver()} data-testid="take-over">
          {t('takeOver')}
        </Button>
      </EmptyState>
    </main>
  );
}

/** The server does not let this person in, or not yet. */
export function Refused({ lesson, fault }: { lesson: LessonStore; fault: Fault }) {
  const { t } = useTranslation(['lesson', 'common']);
  const faultText = useFaultText();
  return (
    <main className={styles.page} data-testid="refused">
      <EmptyState icon="pending" title={t('notInLesson')} hint={faultText(fault)}>
        {isTransient(fault.reason) || fault.reason === Reason.LESSON_NOT_OPEN ? (
          <Button onClick={() => lesson.takeOver()}>{t('common:retry')}</Button>
        ) : null}
        <Link to="/">
          <Button type="primary">{t('common:backHome')}</Button>
        </Link>
      </EmptyState>
    </main>
  );
}
