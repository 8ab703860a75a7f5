import { useCallback, useEffect, useState } from 'react';
import { useCore, useNow, useStore, useZone } from '../adapters/core';
import { Day, lessonToJoin } from '../core/day';
import { isSignedOut } from '../core/fault';
import type { Classroom } from '../gen/tongke/directory/v1/directory_pb';
import type { Lesson } from '../gen/tongke/scheduling/v1/scheduling_pb';
import { LessonScreen } from './LessonScreen';
import { useAwake } from './useAwake';
import { Waiting } from './Waiting';

/** ClassroomScreen waits for lessons and is in them by itself, one after the other. */
export function ClassroomScreen({ classroom }: { classroom: Classroom }) {
  const { api, clock, session } = useCore();
  const zone = useZone();
  const [day] = useState(() => new Day(api, clock, zone));
  const [over, setOver] = useState<ReadonlySet<string>>(new Set());
  const view = useStore(day);
  const now = useNow();
  useAwake();

  useEffect(() => {
    day.start();
    return () => day.stop();
  }, [day]);

  // The device was revoked: back to pairing.
  const signedOut = view.status === 'failed' && view.fault && isSignedOut(view.fault.reason);
  useEffect(() => {
    if (signedOut) session.expired();
  }, [signedOut, session]);

  // A lesson that has just ended stays for its farewell, whatever the plan says meanwhile.
  const [farewell, setFarewell] = useState<Lesson>();
  const lesson = farewell ?? lessonToJoin(view, now, over);
  const lessonId = lesson?.id;
  const leave = useCallback(() => {
    if (lessonId) setOver((before) => new Set(before).add(lessonId));
    setFarewell(undefined);
    void day.read();
  }, [lessonId, day]);

  if (!lesson) return <Waiting classroom={classroom} day={view} />;
  return <LessonScreen key={lesson.id} lesson={lesson} day={view} onEnded={() => setFarewell(lesson)} onOver={leave} />;
}
