import { Form, type FormInstance } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCore, useZone } from '../../adapters/core';
import { zoneNamed } from '../../core/zone';
import type { Person } from '../../gen/tongke/directory/v1/directory_pb';
import styles from './LessonForm.module.css';
import { type LessonFields, startOf } from './newLesson';

interface ZoneHintProps {
  form: FormInstance<LessonFields>;
  teachers: readonly Person[];
}

/** Says whose clock the typed time is, where this computer or the teacher's campus has another. */
export function ZoneHint({ form, teachers }: ZoneHintProps) {
  const { t, i18n } = useTranslation('scheduler');
  const { clock } = useCore();
  const zone = useZone();
  const date = Form.useWatch('date', form);
  const start = Form.useWatch('start', form);
  const teacherId = Form.useWatch('teacherId', form);
  const startsAt = startOf({ date, start }, zone);
  const known = !Number.isNaN(startsAt);
  const moment = known ? startsAt : clock.now();
  const teacher = teachers.find(({ id }) => id === teacherId);
  const theirs = zoneNamed(teacher?.timeZone || zone.name);
  const elsewhere = !zone.agrees(theirs, moment);
  if (zone.isComputers(moment) && !elsewhere) return null;
  const there = `${theirs.date(moment) === date ? '' : `${theirs.date(moment)} `}${theirs.clock(moment)}`;
  return (
    <p className={styles.zone} role="note" data-testid="zone-hint">
      {t('timesIn', { zone: zone.title(i18n.language, moment) })}
      {elsewhere && known && ` ${t('timeThere', { campus: teacher?.campusName ?? '', time: there })}`}
    </p>
  );
}
