import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../adapters/core';
import { SlotVideo } from '../adapters/SlotVideo';
import { nameIn, teacherPresence } from '../core/lesson/look';
import type { Room } from '../core/room';
import { type LessonState, Presence } from '../gen/tongke/classroom/v1/event_pb';
import { useStillWord } from '../ui/useStillWord';
import { arrange, type Tile } from './arrange';
import { useDeviceWord } from './deviceWord';
import styles from './live.module.css';
import { NoTeacher } from './NoTeacher';

interface PicturesProps {
  room: Room;
  state: LessonState;
  selfId: string;
}

/** Pictures draws what arrange decided. Tiles keep their elements when they move, so that nothing flickers. */
export function Pictures({ room, state, selfId }: PicturesProps) {
  const { slots } = useStore(room.media);
  const tiles = arrange(slots, state, selfId);
  const empty = !tiles.some((tile) => tile.role === 'teacher' || tile.role === 'content');
  const seen = useRef(false);
  if (tiles.some((tile) => tile.role === 'teacher')) seen.current = true;
  return (
    <div className={styles.pictures}>
      {empty && <NoTeacher room={room} state={state} seen={seen.current} />}
      {tiles.map((tile) => (
        <figure
          key={tile.slot ? `${tile.slot.slotId}` : 'self'}
          className={styles.tile}
          data-role={tile.role}
          data-stage={tile.onStage}
          style={{
            left: `${tile.box.left}%`,
            top: `${tile.box.top}%`,
            width: `${tile.box.width}%`,
            height: `${tile.box.height}%`,
          }}
        >
          {tile.slot ? <Other room={room} state={state} tile={tile} /> : <Self room={room} />}
        </figure>
      ))}
    </div>
  );
}

function Other({ room, state, tile }: { room: Room; state: LessonState; tile: Tile }) {
  const { t } = useTranslation('screen');
  const still = useStillWord();
  const { slot, role } = tile;
  if (!slot) return null;
  const name = nameIn(state, tile.participantId);
  // While the teacher reconnects, the one message about that stands in the middle.
  const waiting = teacherPresence(state) === Presence.RECONNECTING ? '' : t('teacherNoPicture');
  return (
    <>
      <SlotVideo
        track={slot.track}
        label={role === 'content' ? t('content') : name}
        fit={role === 'content' ? 'contain' : 'cover'}
        onHeight={(maxHeight) => room.media.want({ slotId: slot.slotId, maxHeight })}
        still={slot.paused && <span className={styles.still}>{still(slot.paused)}</span>}
        testId={`picture-${role}`}
      >
        <span className={styles.noPicture}>{role === 'teacher' ? waiting : name}</span>
      </SlotVideo>
      {role !== 'content' && <figcaption>{name}</figcaption>}
    </>
  );
}

function Self({ room }: { room: Room }) {
  const { t } = useTranslation('screen');
  const { camera } = useStore(room.devices);
  const word = useDeviceWord();
  return (
    <>
      <SlotVideo track={camera.track} label={t('own')} testId="picture-self">
        <span className={styles.noPicture}>{word('camera', camera.status)}</span>
      </SlotVideo>
      <figcaption>{t('own')}</figcaption>
    </>
  );
}
