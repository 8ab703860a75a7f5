import { useStore } from '../../adapters/core';
import type { Room } from '../../core/room';

/** The UDP port to ask for while media has to go over TCP; undefined when all is well, and while nothing flows. */
export function useTcpPort(room: Room): number | undefined {
  const { status, path } = useStore(room.media);
  return status === 'connected' && path?.protocol === 'tcp' ? path.port : undefined;
}
