import { isOnStage, leadTeacherOf } from '../core/lesson/look';
import type { SlotFill } from '../core/media/link';
import type { LessonState } from '../gen/tongke/classroom/v1/event_pb';
import { MediaKind } from '../gen/tongke/relay/v1/relay_pb';

/** Box is a place on the picture area, in percent of its width and height. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Tile {
  readonly role: 'content' | 'teacher' | 'peer' | 'self';
  readonly participantId: string;
  /** Unset for one's own preview. */
  readonly slot?: SlotFill;
  readonly box: Box;
  readonly onStage: boolean;
}

// Beside a main picture of 16:9 the area has room for a column.
const mainWidth = 77.5;
const sideLeft = 78.2;
const sideWidth = 100 - sideLeft;
const gap = 1.2;
const mostSideHeight = 29.5;

/**
 * arrange says what is seen where: shared content large with the teacher beside it; without content the teacher,
 * together with the classrooms on stage; everybody else and oneself in the column at the side.
 */
export function arrange(slots: readonly SlotFill[], state: LessonState, selfId: string): Tile[] {
  const teacherId = leadTeacherOf(state)?.entry?.participantId ?? '';
  const pictures = slots.filter(({ track }) => track.kind === 'video');
  const tile = (role: Tile['role'], slot: SlotFill): Omit<Tile, 'box'> => ({
    role,
    slot,
    participantId: slot.participantId,
    onStage: isOnStage(state, slot.participantId),
  });
  const content = pictures.filter((slot) => slot.kind !== MediaKind.CAMERA).map((slot) => tile('content', slot));
  const cameras = pictures.filter((slot) => slot.kind === MediaKind.CAMERA);
  const teacher = cameras.filter((slot) => slot.participantId === teacherId).map((slot) => tile('teacher', slot));
  const peers = cameras.filter((slot) => slot.participantId !== teacherId).map((slot) => tile('peer', slot));
  const onStage = peers.filter((one) => one.onStage);
  const others = peers.filter((one) => !one.onStage);
  const self: Omit<Tile, 'box'> = { role: 'self', participantId: selfId, onStage: isOnStage(state, selfId) };

  const large = content.length > 0 ? content.slice(0, 1) : [...teacher, ...onStage];
  const small = content.length > 0 ? [...teacher, ...onStage, ...others, self] : [...others, self];
  return [...placed(large, mainBoxes(large.length)), ...placed(small, sideBoxes(small.length))];
}

/** mainBoxes: one fills the main part; two share it; of more, the first keeps the larger half. */
function mainBoxes(count: number): Box[] {
  if (count <= 1) return [{ left: 0, top: 0, width: mainWidth, height: 100 }];
  const first = (mainWidth - gap) * (count === 2 ? 0.5 : 0.6);
  const rest = count - 1;
  const height = (100 - gap * (rest - 1)) / rest;
  return [
    { left: 0, top: 0, width: first, height: 100 },
    ...Array.from({ length: rest }, (_, i) => ({
      left: first + gap,
      top: i * (height + gap),
      width: mainWidth - first - gap,
      height,
    })),
  ];
}

/** sideBoxes stack from the bottom up, so that one's own preview, the last, keeps its place. */
function sideBoxes(count: number): Box[] {
  const height = Math.min(mostSideHeight, (100 - gap * (count - 1)) / count);
  return Array.from({ length: count }, (_, i) => ({
    left: sideLeft,
    top: 100 - (count - i) * height - (count - 1 - i) * gap,
    width: sideWidth,
    height,
  }));
}

function placed(tiles: readonly Omit<Tile, 'box'>[], boxes: readonly Box[]): Tile[] {
  return tiles.flatMap((tile, i) => (boxes[i] ? [{ ...tile, box: boxes[i] }] : []));
}
