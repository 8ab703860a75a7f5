import { useEffect, useState } from 'react';
import { watchLevel } from '../core/media/level';

/** How loud a microphone is, 0..1; 0 without one. */
export function useLevel(track: MediaStreamTrack | undefined): number {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    setLevel(0);
    if (!track || typeof AudioContext === 'undefined') return;
    return watchLevel(track, setLevel);
  }, [track]);
  return level;
}
