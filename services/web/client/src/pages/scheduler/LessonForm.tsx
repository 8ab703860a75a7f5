import { Alert, Button, Form, Input, Modal, Select } from 'antd';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore, useZone } from '../../adapters/core';
import { newKey } from '../../core/api';
import type { Fault } from '../../core/fault';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import type { Classroom, Person } from '../../gen/tongke/directory/v1/directory_pb';
import { type Lesson, LessonKind } from '../../gen/tongke/scheduling/v1/scheduling_pb';
import { useAction } from '../../ui/useAction';
import { faultIn, useFaultText } from '../../ui/useFaultText';
import { kindWord } from '../../ui/words';
import styles from './LessonForm.module.css';
import { fieldOf, type LessonFields, planOf, startOf } from './newLesson';
import { ZoneHint } from './ZoneHint';

interface LessonFormProps {
  /** "2026-11-23", to begin with. */
  day: string;
  teachers: readonly Person[];
  classrooms: readonly Classroom[];
  onCreated: (lesson: Lesson | undefined) => void;
  onClose: () => void;
}

const lengths = [20, 30, 35, 40, 45, 60, 80, 90, 120];
const kinds = Object.values(LessonKind).filter(
  (kind): kind is LessonKind => typeof kind === 'number' && kind !== LessonKind.UNSPECIFIED,
);

/** Plans one lesson. A double booking is said next to the field that causes it; nothing typed is lost. */
export function LessonForm({ day, teachers, classrooms, onCreated, onClose }: LessonFormProps) {
  const { t } = useTranslation(['scheduler', 'common']);
  const { api, clock } = useCore();
  const zone = useZone();
  const [form] = Form.useForm<LessonFields>();
  const faultText = useFaultText();
  const conflictText = useConflictText(teachers, classrooms);
  // The same key until the server accepts: a repeated press cannot book twice.
  const key = useRef(newKey());
  const create = useAction(async (fields: LessonFields) => {
    try {
      const answer = await api.scheduling.createLesson({ ...planOf(fields, zone), idempotencyKey: key.current });
      key.current = newKey();
      onCreated(answer.lesson);
    } catch (error) {
      const fault = faultIn(error);
      const field = fieldOf(fault);
      if (!field) throw error;
      form.setFields([{ name: field, errors: [conflictText(fault, fields) ?? faultText(fault)] }]);
      form.focusField(field);
    }
  });
  const notInPast = async (_: unknown, start: string) => {
    if (startOf({ date: form.getFieldValue('date'), start }, zone) < clock.now() - 60_000) throw new Error(t('inPast'));
  };

  return (
    <Modal
      open
      title={t('newLesson')}
      onCancel={onClose}
      footer={null}
      width={620}
      destroyOnHidden
      data-testid="lesson-form"
    >
      <Form<LessonFields>
        form={form}
        layout="vertical"
        requiredMark={false}
        scrollToFirstError
        initialValues={{ kind: LessonKind.DELIVERED_CLASS, date: day, minutes: 40, classroomIds: [] }}
        onFinish={(fields) => void create.run(fields)}
      >
        <div className={styles.row}>
          <Form.Item name="kind" label={t('kind')} rules={[{ required: true, message: t('kindMissing') }]}>
            <Select
              data-testid="lesson-kind"
              options={kinds.map((kind) => ({ value: kind, label: t(`common:${kindWord[kind]}`) }))}
            />
          </Form.Item>
          <Form.Item
            className={styles.wide}
            name="title"
            label={t('lessonTitle')}
            rules={[
              { required: true, whitespace: true, message: t('titleMissing') },
              { max: 120, message: t('titleTooLong') },
            ]}
          >
            <Input placeholder={t('lessonTitlePlaceholder')} data-testid="lesson-title" />
          </Form.Item>
        </div>
        <Form.Item name="teacherId" label={t('teacher')} rules={[{ required: true, message: t('teacherMissing') }]}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            placeholder={t('teacherPlaceholder')}
            data-testid="lesson-teacher"
            options={teachers.map((one) => ({ value: one.id, label: withCampus(one.name, one.campusName) }))}
          />
        </Form.Item>
        <Form.Item
          name="classroomIds"
          label={t('classrooms')}
          rules={[
            { required: true, type: 'array', min: 1, message: t('classroomsMissing') },
            { type: 'array', max: 9, message: t('classroomsTooMany') },
          ]}
        >
          <Select
            mode="multiple"
            showSearch={{ optionFilterProp: 'label' }}
            placeholder={t('classroomsPlaceholder')}
            data-testid="lesson-classrooms"
            options={classrooms.map((one) => ({ value: one.id, label: withCampus(one.name, one.campusName) }))}
          />
        </Form.Item>
        <div className={styles.row}>
          <Form.Item name="date" label={t('date')} rules={[{ required: true, message: t('dateMissing') }]}>
            <Input type="date" data-testid="lesson-date" />
          </Form.Item>
          <Form.Item
            name="start"
            label={t('start')}
            dependencies={['date']}
            rules={[{ required: true, message: t('startMissing') }, { validator: notInPast }]}
          >
            <Input type="time" data-testid="lesson-start" />
          </Form.Item>
          <Form.Item name="minutes" label={t('length')}>
            <Select
              data-testid="lesson-length"
              options={lengths.map((minutes) => ({
                value: minutes,
                label: t('common:minutesLong', { count: minutes }),
              }))}
            />
          </Form.Item>
        </div>
        <ZoneHint form={form} teachers={teachers} />
        <div aria-live="assertive" className={styles.fault}>
          {create.error !== undefined && <Alert type="error" showIcon title={faultText(create.error)} />}
        </div>
        <div className={styles.buttons}>
          <Button onClick={onClose}>{t('common:cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={create.busy} data-testid="lesson-create">
            {t('createLesson')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}

function withCampus(name: string, campus: string): string {
  return campus ? `${name} · ${campus}` : name;
}

/** A double booking in plain words, with names where the server gave them. */
function useConflictText(teachers: readonly Person[], classrooms: readonly Classroom[]) {
  const { t } = useTranslation('scheduler');
  return (fault: Fault, fields: LessonFields): string | undefined => {
    const lesson = fault.metadata.lesson_title;
    if (fault.reason === Reason.TEACHER_BOOKED) {
      const teacher = teachers.find((one) => one.id === fields.teacherId)?.name;
      return teacher && lesson ? t('teacherBooked', { teacher, lesson }) : t('teacherBookedPlain');
    }
    if (fault.reason === Reason.CLASSROOM_BOOKED) {
      const classroom = classrooms.find((one) => one.id === fault.metadata.classroom_id)?.name;
      return classroom && lesson ? t('classroomBooked', { classroom, lesson }) : t('classroomBookedPlain');
    }
    return undefined;
  };
}
