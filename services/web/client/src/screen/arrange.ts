import { contentIn } from '../core/lesson/content';
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

// On a 16:9 screen the picture area, between the title and the controls, is this many times as wide as high.
const areaAspect = 2.24;
/** heightOf gives the height of a 16:9 picture of a width, both in percent of the area. */
const heightOf = (width: number) => (width * areaAspect * 9) / 16;
const gap = 0.8;
const mainWidth = 100 / heightOf(1);
const sideLeft = mainWidth + gap;
const sideWidth = 100 - sideLeft;

/**
 * arrange says what is seen where: shared content large with the teacher beside it; without content the teacher,
 * together with the classrooms on stage; everybody else and oneself in the column at the side.
 */
export function arrange(slots: readonly SlotFill[], state: LessonState, selfId: string): Tile[] {
  const teacherId = leadTeacherOf(state)?.entry?.participantId ?? '';
  const tile = (role: Tile['role'], slot: SlotFill): Omit<Tile, 'box'> => ({
    role,
    slot,
    participantId: slot.participantId,
    onStage: isOnStage(state, slot.participantId),
  });
  const content = contentIn(slots, teacherId);
  const cameras = slots.filter((slot) => slot.kind === MediaKind.CAMERA);
  const teacher = cameras.filter((slot) => slot.participantId === teacherId).map((slot) => tile('teacher', slot));
  const peers = cameras.filter((slot) => slot.participantId !== teacherId).map((slot) => tile('peer', slot));
  const onStage = peers.filter((one) => one.onStage);
  const others = peers.filter((one) => !one.onStage);
  const self: Omit<Tile, 'box'> = { role: 'self', participantId: selfId, onStage: isOnStage(state, selfId) };

  const large = content ? [tile('content', content)] : [...teacher, ...onStage];
  const small = content ? [...teacher, ...onStage, ...others, self] : [...others, self];
  const places = large.length <= 1 ? besideOne(small.length) : besideMany(large.length, small.length);
  return [...placed(large, places.large), ...placed(small, places.small)];
}

interface Places {
  readonly large: Box[];
  readonly small: Box[];
}

/** besideOne: one picture over the full height, the others stacked from the bottom up in a column beside it. */
function besideOne(small: number): Places {
  const height = Math.min(heightOf(sideWidth), (100 - gap * (small - 1)) / small);
  return {
    large: [{ left: 0, top: 0, width: mainWidth, height: 100 }],
    small: Array.from({ length: small }, (_, i) => ({
      left: sideLeft,
      top: 100 - (small - i) * height - (small - 1 - i) * gap,
      width: sideWidth,
      height,
    })),
  };
}

/** besideMany: large pictures side by side over the full width, the others in a row below. */
function besideMany(large: number, small: number): Places {
  const width = (100 - gap * (large - 1)) / large;
  const top = heightOf(width) + 2 * gap;
  const smallWidth = Math.min((100 - top) / heightOf(1), (100 - gap * (small - 1)) / small);
  return {
    large: Array.from({ length: large }, (_, i) => ({
      left: i * (width + gap),
      top: 0,
      width,
      height: heightOf(width),
    })),
    small: Array.from({ length: small }, (_, i) => ({
      left: 100 - (small - i) * smallWidth - (small - 1 - i) * gap,
      top: 100 - heightOf(smallWidth),
      width: smallWidth,
      height: heightOf(smallWidth),
    })),
  };
}

function placed(tiles: readonly Omit<Tile, 'box'>[], boxes: readonly Box[]): Tile[] {
  return tiles.flatMap((tile, i) => (boxes[i] ? [{ ...tile, box: boxes[i] }] : []));
}
