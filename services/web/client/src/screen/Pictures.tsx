import { useTranslation } from 'react-i18next';
import { useStore, useZone } from '../adapters/core';
import { SlotVideo } from '../adapters/SlotVideo';
import { leadTeacherOf, nameIn } from '../core/lesson/look';
import type { Room } from '../core/room';
import { LessonPhase, type LessonState, Presence } from '../gen/tongke/classroom/v1/event_pb';
import { arrange, type Tile } from './arrange';
import { useDeviceWord } from './deviceWord';
import styles from './live.module.css';

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
  return (
    <div className={styles.pictures}>
      {empty && <NoTeacher state={state} />}
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
          {tile.slot ? (
            <Other room={room} tile={tile} name={nameIn(state, tile.participantId)} />
          ) : (
            <Self room={room} />
          )}
        </figure>
      ))}
    </div>
  );
}

function Other({ room, tile, name }: { room: Room; tile: Tile; name: string }) {
  const { t } = useTranslation('screen');
  const { slot, role } = tile;
  if (!slot) return null;
  return (
    <>
      <SlotVideo
        track={slot.track}
        label={role === 'content' ? t('content') : name}
        fit={role === 'content' ? 'contain' : 'cover'}
        onHeight={(maxHeight) => room.media.want({ slotId: slot.slotId, maxHeight })}
        testId={`picture-${role}`}
      >
        <span className={styles.noPicture}>{role === 'teacher' ? t('teacherNoPicture') : name}</span>
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

/** NoTeacher fills the main place while there is nothing to see of the teacher. */
function NoTeacher({ state }: { state: LessonState }) {
  const { t } = useTranslation('screen');
  const { clock } = useZone();
  const teacher = leadTeacherOf(state);
  const here = teacher?.presence === Presence.PRESENT;
  const live = state.phase === LessonPhase.LIVE;
  return (
    <div className={styles.noTeacher} data-testid="no-teacher">
      <strong>{live ? t('teacherNoPicture') : t('waitTeacher')}</strong>
      {!live && <span>{t('waitTeacherHint', { time: clock(state.plan?.startsAt) })}</span>}
      {!live && <span>{here ? t('teacherHere') : t('teacherComing')}</span>}
    </div>
  );
}
