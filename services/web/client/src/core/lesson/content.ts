import { MediaKind } from '../../gen/tongke/relay/v1/relay_pb';
import type { SlotFill } from '../media/link';

/**
 * contentIn is what is seen large on every page: a shared screen or a document camera, whoever sends it. Where there
 * are several, the lead teacher's goes first. Undefined while nobody sends any. Pure.
 */
export function contentIn(slots: readonly SlotFill[], leadId: string): SlotFill | undefined {
  const content = slots.filter(({ track, kind }) => track.kind === 'video' && kind !== MediaKind.CAMERA);
  return content.find(({ participantId }) => participantId === leadId) ?? content[0];
}
