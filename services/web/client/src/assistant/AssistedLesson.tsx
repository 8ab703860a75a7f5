import { Alert, App, Button, Segmented } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCore, useSession, useStore } from '../adapters/core';
import { isSignedOut } from '../core/fault';
import { LessonStore } from '../core/lesson/lessonStore';
import { classroomsOf } from '../core/lesson/look';
import { personOf } from '../core/session';
import type { LessonState } from '../gen/tongke/classroom/v1/event_pb';
import { EmptyState, ErrorState, LoadingState } from '../ui/States';
import { useFaultText } from '../ui/useFaultText';
import styles from './assistant.module.css';
import { Chat } from './Chat';
import { EndLesson } from './EndLesson';
import { PollAnswer } from './PollAnswer';
import { RoomControls } from './RoomControls';
import { TeacherState } from './TeacherState';

/** Press sends a command; a refusal is said in plain words. */
export type Press = (sent: Promise<unknown>) => Promise<boolean>;

/** AssistedLesson follows one lesson without media of its own. */
export function AssistedLesson({ lessonId, onBack }: { lessonId: string; onBack: () => void }) {
  const { t } = useTranslation('assistant');
  const { api, clock, session } = useCore();
  const [lesson] = useState(() => new LessonStore({ api, clock, lessonId }));
  const { status, state } = useStore(lesson);

  useEffect(() => {
    lesson.start();
    return () => lesson.stop();
  }, [lesson]);
  const signedOut = status.kind === 'refused' && isSignedOut(status.fault.reason);
  useEffect(() => {
    if (signedOut) session.expired();
  }, [signedOut, session]);

  const back = <Button onClick={onBack}>{t('back')}</Button>;
  if (status.kind === 'refused') {
    return <ErrorState title={t('refused')} error={status.fault} onRetry={() => lesson.takeOver()} />;
  }
  if (status.kind === 'superseded') {
    return (
      <EmptyState icon="devices" title={t('superseded')}>
        <Button type="primary" onClick={() => lesson.takeOver()}>
          {t('takeOver')}
        </Button>
      </EmptyState>
    );
  }
  if (status.kind === 'ended') {
    return (
      <EmptyState icon="check" title={t('ended')} hint={t('endedHint')}>
        {back}
      </EmptyState>
    );
  }
  if (!state) return <LoadingState />;
  return (
    <div className={styles.lesson} data-testid="assistant-lesson">
      <header className={styles.title}>
        <h2>{state.plan?.title}</h2>
        {back}
      </header>
      {status.kind === 'reconnecting' && <Alert type="warning" showIcon title={t('reconnecting')} />}
      <Assisting lesson={lesson} state={state} />
    </div>
  );
}

function Assisting({ lesson, state }: { lesson: LessonStore; state: LessonState }) {
  const { t } = useTranslation('assistant');
  const { message } = App.useApp();
  const faultText = useFaultText();
  const campusId = personOf(useSession())?.campusId ?? '';
  const rooms = classroomsOf(state).filter((one) => one.entry?.campusId === campusId);
  const [wished, setWished] = useState('');
  const room = rooms.find((one) => one.entry?.participantId === wished) ?? rooms[0];
  const roomId = room?.entry?.participantId ?? '';

  const press: Press = (sent) =>
    sent.then(
      () => true,
      (error: unknown) => {
        message.error(faultText(error));
        return false;
      },
    );
  return (
    <>
      <TeacherState state={state} />
      {rooms.length > 1 && (
        <Segmented
          block
          size="large"
          aria-label={t('chooseRoom')}
          value={roomId}
          onChange={setWished}
          options={rooms.map(({ entry }) => ({ value: entry?.participantId ?? '', label: entry?.name }))}
        />
      )}
      {room ? (
        <RoomControls key={roomId} lesson={lesson} state={state} room={room} press={press} />
      ) : (
        <p className={styles.quiet}>{t('noRoom')}</p>
      )}
      {room && (
        <PollAnswer
          key={`${state.poll?.pollId}${roomId}`}
          lesson={lesson}
          state={state}
          roomId={roomId}
          press={press}
        />
      )}
      <Chat lesson={lesson} state={state} press={press} />
      <EndLesson lesson={lesson} state={state} press={press} />
    </>
  );
}
