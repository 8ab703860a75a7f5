/** What every part of the live lesson's page shares. */
import { App } from 'antd';
import { createContext, type ReactNode, useCallback, useContext, useMemo } from 'react';
import { useStore } from '../../adapters/core';
import type { CommandName, Commands } from '../../core/lesson/commands';
import { leadTeacherOf } from '../../core/lesson/look';
import type { SlotFill } from '../../core/media/link';
import type { Room } from '../../core/room';
import type { LessonState } from '../../gen/tongke/classroom/v1/event_pb';
import { Reason } from '../../gen/tongke/common/v1/fault_pb';
import type { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';
import { faultIn, useFaultText } from '../../ui/useFaultText';

export interface RoomShared {
  readonly room: Room;
  readonly state: LessonState;
  readonly selfId: string;
  /** True for everyone but the lead teacher: sees and hears, and changes nothing here. */
  readonly listener: boolean;
  /** Sends a command; a refusal is said in plain words. Resolves to whether it was accepted. */
  readonly send: (command: (commands: Commands) => Promise<unknown>) => Promise<boolean>;
  readonly isSending: (name: CommandName, target?: string) => boolean;
  /** The slot that carries a picture of a participant. */
  readonly slotOf: (participantId: string, kind: MediaKind) => SlotFill | undefined;
}

const RoomContext = createContext<RoomShared | undefined>(undefined);

export function useRoom(): RoomShared {
  const shared = useContext(RoomContext);
  if (!shared) throw new Error('useRoom outside of RoomProvider');
  return shared;
}

interface RoomProviderProps {
  room: Room;
  state: LessonState;
  selfId: string;
  children: ReactNode;
}

export function RoomProvider({ room, state, selfId, children }: RoomProviderProps) {
  const { message } = App.useApp();
  const faultText = useFaultText();
  const pending = useStore(room.lesson.commands);
  const { slots } = useStore(room.media);
  const listener = leadTeacherOf(state)?.entry?.participantId !== selfId;

  const send = useCallback<RoomShared['send']>(
    async (command) => {
      try {
        await command(room.lesson.commands);
        return true;
      } catch (error) {
        if (faultIn(error).reason !== Reason.CANCELLED) message.error(faultText(error));
        return false;
      }
    },
    [room, message, faultText],
  );
  const shared = useMemo<RoomShared>(
    () => ({
      room,
      state,
      selfId,
      listener,
      send,
      isSending: (name, target) =>
        pending.some((one) => one.name === name && (target === undefined || one.target === target)),
      slotOf: (participantId, kind) => slots.find((one) => one.participantId === participantId && one.kind === kind),
    }),
    [room, state, selfId, listener, send, pending, slots],
  );
  return <RoomContext value={shared}>{children}</RoomContext>;
}
