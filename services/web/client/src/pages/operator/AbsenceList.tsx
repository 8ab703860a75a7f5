import { useTranslation } from 'react-i18next';
import { useZone } from '../../adapters/core';
import { Icon } from '../../ui/Icon';
import styles from './AbsenceList.module.css';
import type { Absence } from './board';

/** Expected and not there: what an operator acts on first, above everything else. */
export function AbsenceList({ absences }: { absences: readonly Absence[] }) {
  const { t } = useTranslation('operator');
  const { clock } = useZone();
  return (
    <div aria-live="assertive">
      {absences.length > 0 && (
        <section className={styles.absent} aria-label={t('absentHeading')} data-testid="absences">
          <h2>
            <Icon name="absent" size={22} />
            {t('absentHeading')}
          </h2>
          <ul>
            {absences.map(({ lesson, participant }) => (
              <li key={`${lesson.lessonId} ${participant.participantId}`} data-testid="absence">
                <strong>{participant.name}</strong>
                {participant.campusName && <span>{participant.campusName}</span>}
                <span>
                  {lesson.title} · {clock(lesson.startsAt)}
                </span>
              </li>
            ))}
          </ul>
          <p>
            {t('nextAction')}：{t('action_EXPECTED_BUT_ABSENT')}
          </p>
        </section>
      )}
    </div>
  );
}
