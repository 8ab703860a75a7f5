import { App, Button, Input, Popconfirm, Select, Table, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore, useZone } from '../../adapters/core';
import { type LessonSpan, listLessons, listPhases } from '../../core/listing';
import { laterDate } from '../../core/zone';
import { LessonPhase } from '../../gen/tongke/classroom/v1/event_pb';
import type { Classroom, Person } from '../../gen/tongke/directory/v1/directory_pb';
import { type Lesson, LessonPlanStatus } from '../../gen/tongke/scheduling/v1/scheduling_pb';
import { Icon } from '../../ui/Icon';
import { EmptyState, ErrorState, LoadingState } from '../../ui/States';
import { useFaultText } from '../../ui/useFaultText';
import { useLoad } from '../../ui/useLoad';
import { kindWord, phaseWord } from '../../ui/words';
import { LessonForm } from './LessonForm';
import styles from './LessonsTab.module.css';

/** The lessons of one day, for all classrooms or one. */
export function LessonsTab({
  teachers,
  classrooms,
}: {
  teachers: readonly Person[];
  classrooms: readonly Classroom[];
}) {
  const { t } = useTranslation(['scheduler', 'common']);
  const core = useCore();
  const zone = useZone();
  const { message } = App.useApp();
  const [day, setDay] = useState(() => zone.date(core.clock.now()));
  const [classroomId, setClassroomId] = useState('');
  const [planning, setPlanning] = useState(false);
  const lessons = useLoad(
    `${day} ${classroomId}`,
    (signal) => loadDay(core, { ...zone.dayOf(day), classroomId }, signal),
    20_000,
  );

  return (
    <>
      <div className={styles.bar}>
        <Button icon={<Icon name="left" />} aria-label={t('previousDay')} onClick={() => setDay(laterDate(day, -1))} />
        <Input
          type="date"
          className={styles.date}
          aria-label={t('day')}
          data-testid="day"
          value={day}
          onChange={(event) => event.target.value && setDay(event.target.value)}
        />
        <Button icon={<Icon name="right" />} aria-label={t('nextDay')} onClick={() => setDay(laterDate(day, 1))} />
        <Button onClick={() => setDay(zone.date(core.clock.now()))}>{t('today')}</Button>
        <Select
          className={styles.rooms}
          aria-label={t('classrooms')}
          value={classroomId}
          onChange={setClassroomId}
          showSearch={{ optionFilterProp: 'label' }}
          options={[
            { value: '', label: t('allClassrooms') },
            ...classrooms.map((one) => ({ value: one.id, label: `${one.name} · ${one.campusName}` })),
          ]}
        />
        <span className={styles.spring} />
        <Button type="primary" icon={<Icon name="plus" />} onClick={() => setPlanning(true)} data-testid="new-lesson">
          {t('newLesson')}
        </Button>
      </div>
      {lessons.data ? (
        <LessonTable {...lessons.data} onChanged={lessons.reload} />
      ) : lessons.error !== undefined ? (
        <ErrorState title={t('loadFailed')} error={lessons.error} onRetry={lessons.reload} />
      ) : (
        <LoadingState />
      )}
      {planning && (
        <LessonForm
          day={day}
          teachers={teachers}
          classrooms={classrooms}
          onClose={() => setPlanning(false)}
          onCreated={(lesson) => {
            setPlanning(false);
            message.success(t('lessonCreated', { title: lesson?.title ?? '' }));
            lessons.reload();
          }}
        />
      )}
    </>
  );
}

interface Day {
  readonly lessons: readonly Lesson[];
  readonly phases: Readonly<Record<string, LessonPhase>>;
}

async function loadDay(core: ReturnType<typeof useCore>, span: LessonSpan, signal: AbortSignal): Promise<Day> {
  const lessons = await listLessons(core.api, core.clock, span, signal);
  return { lessons, phases: await listPhases(core.api, lessons, signal) };
}

function LessonTable({ lessons, phases, onChanged }: Day & { onChanged: () => void }) {
  const { t } = useTranslation(['scheduler', 'common']);
  const { clock } = useZone();
  const { api } = useCore();
  const { message } = App.useApp();
  const faultText = useFaultText();
  const cancel = async (lesson: Lesson) => {
    try {
      await api.scheduling.cancelLesson({ lessonId: lesson.id });
      message.success(t('lessonCancelled', { title: lesson.title }));
    } catch (error) {
      message.error(faultText(error));
    }
    onChanged();
  };
  if (lessons.length === 0) {
    return <EmptyState icon="pending" title={t('noLessons')} hint={t('noLessonsHint')} />;
  }
  return (
    <Table<Lesson>
      size="middle"
      rowKey="id"
      pagination={false}
      scroll={{ x: 760 }}
      dataSource={[...lessons]}
      data-testid="lessons"
      columns={[
        {
          title: t('columnTime'),
          width: 130,
          render: (_, lesson) => `${clock(lesson.startsAt)}–${clock(lesson.endsAt)}`,
        },
        {
          title: t('columnTitle'),
          render: (_, lesson) => (
            <>
              <div className={styles.title}>{lesson.title}</div>
              <div className={styles.quiet}>{t(`common:${kindWord[lesson.kind]}`)}</div>
            </>
          ),
        },
        { title: t('columnTeacher'), render: (_, lesson) => lesson.teacher?.name },
        {
          title: t('columnClassrooms'),
          render: (_, lesson) =>
            lesson.classrooms.map((room) => <div key={room.id}>{`${room.name} · ${room.campusName}`}</div>),
        },
        {
          title: t('columnStatus'),
          width: 110,
          render: (_, lesson) => <Status lesson={lesson} phase={phases[lesson.id]} />,
        },
        {
          width: 110,
          align: 'right',
          render: (_, lesson) =>
            canCancel(lesson, phases[lesson.id]) && (
              <Popconfirm
                title={t('cancelConfirm', { title: lesson.title })}
                description={t('cancelConfirmHint')}
                okText={t('cancelYes')}
                okButtonProps={{ danger: true }}
                cancelText={t('cancelNo')}
                onConfirm={() => cancel(lesson)}
              >
                <Button size="small" data-testid="cancel-lesson">
                  {t('cancelLesson')}
                </Button>
              </Popconfirm>
            ),
        },
      ]}
    />
  );
}

function canCancel(lesson: Lesson, phase: LessonPhase | undefined): boolean {
  return lesson.status === LessonPlanStatus.PLANNED && phase !== LessonPhase.LIVE && phase !== LessonPhase.ENDED;
}

function Status({ lesson, phase = LessonPhase.UNSPECIFIED }: { lesson: Lesson; phase: LessonPhase | undefined }) {
  const { t } = useTranslation();
  if (lesson.status === LessonPlanStatus.CANCELLED) return <Tag>{t('planCancelled')}</Tag>;
  return <Tag color={phase === LessonPhase.LIVE ? 'green' : undefined}>{t(phaseWord[phase])}</Tag>;
}
