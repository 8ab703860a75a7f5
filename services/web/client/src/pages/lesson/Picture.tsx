import { useTranslation } from 'react-i18next';
import { useStore } from '../../adapters/core';
import { SlotVideo } from '../../adapters/SlotVideo';
import { nameIn, participantOf } from '../../core/lesson/look';
import { Presence } from '../../gen/tongke/classroom/v1/event_pb';
import { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';
import { useStillWord } from '../../ui/useStillWord';
import { presenceWord } from '../../ui/words';
import { useRoom } from './room';
import type { Shown } from './stage';

/**
 * One picture of the lesson: one's own, or that of a slot. Each source is drawn in one place at a time,
 * so that the size it is drawn at is the size to ask the relay for. Nothing is cut off a `whole` picture.
 */
export function Picture({ participantId, kind, whole = false }: Shown & { whole?: boolean }) {
  const { room, state, selfId, slotOf } = useRoom();
  const name = nameIn(state, participantId);
  const still = useStillWord();
  const screen = kind === MediaKind.SCREEN;
  const camera = useStore(room.devices).camera.track;
  const shared = useStore(room.share).picture;
  if (participantId === selfId) {
    return (
      <SlotVideo
        track={screen ? shared : camera}
        label={name}
        fit={whole ? 'contain' : 'cover'}
        mirrored={!screen}
        testId={screen ? 'own-screen' : 'own-camera'}
      >
        <NoPicture participantId={participantId} own />
      </SlotVideo>
    );
  }
  const slot = slotOf(participantId, kind);
  return (
    <SlotVideo
      key={slot?.slotId ?? 'none'}
      track={slot?.track}
      label={name}
      fit={whole ? 'contain' : 'cover'}
      still={slot?.paused && still(slot.paused)}
      testId={`picture-${participantId}`}
      {...(slot && { onHeight: (maxHeight: number) => room.media.want({ slotId: slot.slotId, maxHeight }) })}
    >
      <NoPicture participantId={participantId} />
    </SlotVideo>
  );
}

/** Why there is no picture, in a few words. */
function NoPicture({ participantId, own = false }: { participantId: string; own?: boolean }) {
  const { t } = useTranslation(['lesson', 'common']);
  const { room, state } = useRoom();
  const { status } = useStore(room.media);
  if (own) return <span>{t('noPictureSelf')}</span>;
  const participant = participantOf(state, participantId);
  const presence = participant?.presence ?? Presence.ABSENT;
  if (presence !== Presence.PRESENT) return <span>{t(`common:${presenceWord[presence]}`)}</span>;
  if (status === 'connecting' || status === 'reconnecting') return <span>{t('pictureComing')}</span>;
  return <span>{t(participant?.mediaConnected ? 'noPicture' : 'healthNoMedia')}</span>;
}
