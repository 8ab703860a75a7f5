import { Button, Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useCore, useZone } from '../../adapters/core';
import { classroomsOf } from '../../core/lesson/look';
import type { AttendanceRecord } from '../../gen/tongke/classroom/v1/classroom_pb';
import { EndReason, type LessonState } from '../../gen/tongke/classroom/v1/event_pb';
import { ErrorState, LoadingState } from '../../ui/States';
import { millis } from '../../ui/time';
import { useLoad } from '../../ui/useLoad';
import { participantWord } from '../../ui/words';
import { useRoom } from './room';
import styles from './Summary.module.css';

/** After the lesson: how long, who was there, and the way home. */
export function Summary() {
  const { t } = useTranslation(['lesson', 'common', 'faults']);
  const { state, listener } = useRoom();
  const why = {
    [EndReason.OVERRUN]: t('endedByOverrun'),
    [EndReason.CANCELLED]: t('faults:LESSON_CANCELLED'),
    [EndReason.BY_HAND]: t('endedByHand'),
    [EndReason.UNSPECIFIED]: t('endedByHand'),
  }[state.endReason];
  return (
    <main className={styles.page} data-testid="summary">
      <h1>{t('endedTitle')}</h1>
      <p>
        {state.plan?.title} · {why}
      </p>
      {!listener && <Attendance state={state} />}
      <Link to="/">
        <Button type="primary" size="large" data-testid="home">
          {t('common:backHome')}
        </Button>
      </Link>
    </main>
  );
}

function Attendance({ state }: { state: LessonState }) {
  const { t } = useTranslation(['lesson', 'common']);
  const { api } = useCore();
  const lessonId = state.plan?.lessonId ?? '';
  const { data, error, reload } = useLoad(lessonId, (signal) => api.classroom.getAttendance({ lessonId }, { signal }));
  if (!data) {
    return error === undefined ? (
      <LoadingState />
    ) : (
      <ErrorState title={t('attendance')} error={error} onRetry={reload} />
    );
  }
  const rooms = classroomsOf(state).map((room) => room.entry?.participantId);
  const came = data.records.filter((record) => rooms.includes(record.participantId) && record.spans.length > 0);
  const children = came.reduce((sum, record) => sum + (record.headCount ?? 0), 0);
  const minutes = Math.max(1, Math.round((millis(state.endedAt) - millis(state.startedAt)) / 60_000));
  const length = state.startedAt ? t('common:minutesLong', { count: minutes }) : '–';
  return (
    <>
      <dl className={styles.figures}>
        <Figure label={t('summaryLength')} value={length} />
        <Figure label={t('summaryRooms')} value={`${came.length} / ${rooms.length}`} />
        <Figure label={t('summaryHeadCount')} value={children > 0 ? String(children) : '–'} />
      </dl>
      <h2>{t('attendance')}</h2>
      <Table<AttendanceRecord>
        size="middle"
        rowKey="participantId"
        pagination={false}
        scroll={{ x: 560 }}
        dataSource={data.records}
        className={styles.table ?? ''}
        data-testid="attendance"
        columns={[
          {
            title: t('attendanceName'),
            render: (_, record) => (
              <>
                {record.name} <small>{t(`common:${participantWord[record.role]}`)}</small>
              </>
            ),
          },
          { title: t('attendanceCampus'), render: (_, record) => record.campusName },
          { title: t('attendanceSpans'), render: (_, record) => <Spans record={record} /> },
          { title: t('attendanceHeadCount'), align: 'right', render: (_, record) => record.headCount ?? '–' },
        ]}
      />
    </>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Spans({ record }: { record: AttendanceRecord }) {
  const { t } = useTranslation('lesson');
  const { clock } = useZone();
  if (record.spans.length === 0) return <strong>{t('attendanceAbsent')}</strong>;
  return record.spans.map(({ from, to }) => (
    <div key={millis(from)}>
      {clock(from)}–{to ? clock(to) : t('attendanceNow')}
    </div>
  ));
}
