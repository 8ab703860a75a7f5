import { useEffect, useState } from 'react';
import { Room, type RoomParams } from '../core/room';
import { useCore } from './core';

/** useRoom takes part in a lesson while the component is there; give the component the lesson's id as its key. */
export function useRoom(lessonId: string, options: Omit<RoomParams, 'core' | 'lessonId'>): Room {
  const core = useCore();
  const [room] = useState(() => new Room({ core, lessonId, ...options }));
  useEffect(() => {
    room.start();
    return () => room.stop();
  }, [room]);
  return room;
}
