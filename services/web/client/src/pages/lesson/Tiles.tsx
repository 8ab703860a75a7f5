import { Button, Tooltip } from 'antd';
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import { classroomsOf, isOnStage, placeInQueue } from '../../core/lesson/look';
import { type ParticipantState, Presence } from '../../gen/tongke/classroom/v1/event_pb';
import { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';
import { Icon } from '../../ui/Icon';
import { presenceWord } from '../../ui/words';
import { Picture } from './Picture';
import { useRoom } from './room';
import styles from './Tiles.module.css';

/** Every classroom of the lesson, in the order of the roster: a tile never moves. */
export function Tiles() {
  const { t } = useTranslation('lesson');
  const { state } = useRoom();
  const rooms = classroomsOf(state);
  const columns = rooms.length > 5 ? Math.ceil(rooms.length / 2) : Math.max(rooms.length, 4);
  return (
    <ul
      className={rooms.length > 5 ? `${styles.tiles} ${styles.two}` : styles.tiles}
      style={{ '--columns': columns } as CSSProperties}
      aria-label={t('tiles')}
      data-testid="tiles"
    >
      {rooms.map((room) => (
        <Tile key={room.entry?.participantId} room={room} />
      ))}
    </ul>
  );
}

function Tile({ room }: { room: ParticipantState }) {
  const { t } = useTranslation(['lesson', 'common']);
  const { state, listener, slotOf } = useRoom();
  const id = room.entry?.participantId ?? '';
  const name = room.entry?.name ?? '';
  const onStage = isOnStage(state, id);
  const hand = placeInQueue(state, id) > 0;
  const here = room.presence === Presence.PRESENT;
  return (
    <li
      className={hand ? `${styles.tile} ${styles.raised}` : styles.tile}
      data-testid="tile"
      data-participant={id}
      data-presence={Presence[room.presence]}
    >
      {onStage ? (
        <span className={styles.away}>{t('tileOnStage')}</span>
      ) : listener && !slotOf(id, MediaKind.CAMERA) ? (
        // A listener gets the stage only: a room without a picture here is nothing to report.
        <span className={styles.away}>{here ? '' : t(`common:${presenceWord[room.presence]}`)}</span>
      ) : (
        <Picture participantId={id} kind={MediaKind.CAMERA} />
      )}
      <span className={styles.badges}>
        {hand && (
          <span className={styles.hand} data-testid="tile-hand">
            <Icon name="hand" size={14} /> {t('tileHand')}
          </span>
        )}
        {room.presence === Presence.RECONNECTING && (
          <span className={styles.trouble}>{t(`common:${presenceWord[room.presence]}`)}</span>
        )}
        {here && !room.mediaConnected && (
          <span className={styles.trouble} data-testid="tile-no-media">
            <Icon name="warning" size={14} /> {t('healthNoMedia')}
          </span>
        )}
      </span>
      {!listener && <TileActions id={id} name={name} onStage={onStage} audioOpen={room.audioOpen} here={here} />}
      <span className={styles.foot}>
        <span className={room.audioOpen ? styles.open : undefined} title={t(room.audioOpen ? 'micOpen' : 'micClosed')}>
          <Icon name={room.audioOpen ? 'mic' : 'micOff'} size={15} />
          <span className="visually-hidden">{t(room.audioOpen ? 'micOpen' : 'micClosed')}</span>
        </span>
        <span
          className={styles.name}
          title={`${name} · ${room.entry?.campusName ?? ''} · ${t('calledOnTimes', { count: room.calledOn })}`}
        >
          {name}
        </span>
        <span className={styles.count} data-testid="tile-count">
          {room.headCount === undefined ? t('headCountUnknown') : t('headCount', { count: room.headCount })}
        </span>
      </span>
    </li>
  );
}

interface TileActionsProps {
  id: string;
  name: string;
  onStage: boolean;
  audioOpen: boolean;
  here: boolean;
}

function TileActions({ id, name, onStage, audioOpen, here }: TileActionsProps) {
  const { t } = useTranslation('lesson');
  const { send, isSending } = useRoom();
  const stageLabel = t(onStage ? 'takeOffStage' : 'bringOnStage');
  const audioLabel = t(audioOpen ? 'mute' : 'unmute');
  return (
    <span className={styles.actions}>
      {(here || onStage) && (
        <Tooltip title={stageLabel}>
          <Button
            size="small"
            aria-label={`${stageLabel} ${name}`}
            loading={isSending('setStage', id)}
            icon={<Icon name={onStage ? 'down' : 'up'} size={16} />}
            onClick={() => send((commands) => commands.setStage(id, !onStage))}
            data-testid="tile-stage"
          />
        </Tooltip>
      )}
      {(here || audioOpen) && (
        <Tooltip title={audioLabel}>
          <Button
            size="small"
            aria-label={`${audioLabel} ${name}`}
            loading={isSending('setAudio', id)}
            icon={<Icon name={audioOpen ? 'micOff' : 'mic'} size={16} />}
            onClick={() => send((commands) => commands.setAudio(id, !audioOpen))}
            data-testid="tile-audio"
          />
        </Tooltip>
      )}
    </span>
  );
}
