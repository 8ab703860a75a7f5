import { useEffect, useState } from 'react';
import { Room } from '../core/room';
import { useCore } from './core';

/** useRoom takes part in a lesson while the component is there; give the component the lesson's id as its key. */
export function useRoom(lessonId: string): Room {
  const core = useCore();
  const [room] = useState(() => new Room({ core, lessonId }));
  useEffect(() => {
    room.start();
    return () => room.stop();
  }, [room]);
  return room;
}
