import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { useCore, useStore } from '../adapters/core';
import { isSignedOut } from '../core/fault';
import { leadTeacherOf } from '../core/lesson/look';
import { Room } from '../core/room';
import { LessonPhase } from '../gen/tongke/classroom/v1/event_pb';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import { Guard } from '../ui/Guard';
import { LoadingState } from '../ui/States';
import { useTitle } from '../ui/useTitle';
import { LiveRoom } from './lesson/LiveRoom';
import { Refused, Superseded } from './lesson/Outside';
import { RoomProvider } from './lesson/room';
import { Summary } from './lesson/Summary';
import { WaitingRoom } from './lesson/WaitingRoom';

/** A live lesson: the lead teacher leads it here, everyone else of its campuses listens. */
export default function LessonPage() {
  const { lessonId = '' } = useParams();
  return (
    <Guard roles={[Role.TEACHER, Role.ASSISTANT, Role.OBSERVER]}>
      <Entered key={lessonId} lessonId={lessonId} />
    </Guard>
  );
}

function Entered({ lessonId }: { lessonId: string }) {
  const room = useEnteredRoom(lessonId);
  return room ? <RoomView room={room} /> : <LoadingState />;
}

/** Enters the lesson while the page is open. The room is made in the effect, so that each entering has its own. */
function useEnteredRoom(lessonId: string): Room | undefined {
  const core = useCore();
  const [room, setRoom] = useState<Room>();
  useEffect(() => {
    const entered = new Room({ core, lessonId });
    setRoom(entered);
    entered.start();
    return () => entered.stop();
  }, [core, lessonId]);
  return room;
}

function RoomView({ room }: { room: Room }) {
  const { t } = useTranslation('lesson');
  const { session } = useCore();
  const { status, state, selfId } = useStore(room.lesson);
  useTitle(state?.plan?.title);
  const leads = state !== undefined && leadTeacherOf(state)?.entry?.participantId === selfId;
  const ended = state?.phase === LessonPhase.ENDED;
  const signedOut = status.kind === 'refused' && isSignedOut(status.fault.reason);

  useEffect(() => {
    if (leads && !ended) void room.devices.open();
    if (ended) room.devices.close();
  }, [room, leads, ended]);
  useEffect(() => {
    if (signedOut) session.expired();
  }, [session, signedOut]);

  if (status.kind === 'superseded') return <Superseded lesson={room.lesson} />;
  if (status.kind === 'refused') return <Refused lesson={room.lesson} fault={status.fault} />;
  if (!state) {
    return (
      <>
        <p role="status" style={{ padding: '24px 24px 0', margin: 0 }}>
          {t('connectionConnecting')}
        </p>
        <LoadingState />
      </>
    );
  }
  return (
    <RoomProvider room={room} state={state} selfId={selfId}>
      {ended ? <Summary /> : state.phase === LessonPhase.LIVE ? <LiveRoom /> : <WaitingRoom />}
    </RoomProvider>
  );
}
