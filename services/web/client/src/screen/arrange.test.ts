// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { apply, emptyState } from '../core/lesson/state';
import type { SlotFill } from '../core/media/link';
import { eventOf, opening, otherRoomId, roomId, teacherId } from '../core/testing/fakeLesson';
import { FakeTrack } from '../core/testing/fakePeer';
import { MediaKind } from '../gen/tongke/relay/v1/relay_pb';
import { arrange, type Tile } from './arrange';

const lesson = (...onStage: string[]) =>
  [opening, ...onStage.map((participantId) => ({ case: 'steppedOnStage' as const, value: { participantId } }))].reduce(
    (state, kind, i) => apply(state, eventOf(i + 1, kind)),
    emptyState(),
  );

const slot = (n: number, participantId: string, kind = MediaKind.CAMERA) => ({
  slotId: `video${n}`,
  participantId,
  kind,
  track: new FakeTrack('video').asTrack,
});
const sound = {
  slotId: 'audio0',
  participantId: teacherId,
  kind: MediaKind.MICROPHONE,
  track: new FakeTrack('audio').asTrack,
};

const sizes = (tiles: Tile[]) =>
  tiles.map(({ role, box }) => `${role} ${box.width * box.height > 2_500 ? 'large' : 'small'}`);
const inside = (tiles: Tile[]) =>
  tiles.every(
    ({ box }) => box.left >= 0 && box.top >= -0.1 && box.left + box.width <= 100.1 && box.top + box.height <= 100.1,
  );
const apart = (tiles: Tile[]) =>
  tiles.every((a, i) =>
    tiles
      .slice(i + 1)
      .every(
        (b) =>
          a.box.left + a.box.width <= b.box.left + 0.01 ||
          b.box.left + b.box.width <= a.box.left + 0.01 ||
          a.box.top + a.box.height <= b.box.top + 0.01 ||
          b.box.top + b.box.height <= a.box.top + 0.01,
      ),
  );

describe('arrange', () => {
  it('shows oneself while nobody else is there', () => {
    expect(sizes(arrange([], lesson(), roomId))).toEqual(['self small']);
  });

  it('shows the teacher large and oneself small; sound has no place', () => {
    expect(sizes(arrange([sound, slot(0, teacherId)], lesson(), roomId))).toEqual(['teacher large', 'self small']);
  });

  it('shows shared content large and the teacher beside it', () => {
    const tiles = arrange([slot(0, teacherId, MediaKind.SCREEN), slot(1, teacherId)], lesson(), roomId);
    expect(sizes(tiles)).toEqual(['content large', 'teacher small', 'self small']);
  });

  it('shows content of whoever sends it; of two, the teacher’s', () => {
    const encoders = slot(0, 'mtk_encoder', MediaKind.SCREEN);
    const teachers = slot(2, teacherId, MediaKind.DOCUMENT_CAMERA);
    const contentOf = (...slots: SlotFill[]) =>
      arrange([...slots, slot(1, teacherId)], lesson(), roomId)
        .filter(({ role }) => role === 'content')
        .map(({ participantId }) => participantId);
    expect(contentOf(encoders)).toEqual(['mtk_encoder']);
    expect(contentOf(encoders, teachers)).toEqual([teacherId]);
  });

  it('shows a classroom on stage as large as the teacher', () => {
    const tiles = arrange([slot(0, teacherId), slot(1, otherRoomId)], lesson(otherRoomId), roomId);
    expect(tiles.map((tile) => tile.role)).toEqual(['teacher', 'peer', 'self']);
    expect(tiles[0]?.box.width).toBeCloseTo(tiles[1]?.box.width ?? 0);
    expect(tiles[0]?.box.width).toBeGreaterThan(49);
  });

  it('shows other classrooms small, and marks who is on stage', () => {
    const tiles = arrange([slot(0, teacherId), slot(1, otherRoomId)], lesson(roomId), roomId);
    expect(sizes(tiles)).toEqual(['teacher large', 'peer small', 'self small']);
    expect(tiles.map((tile) => tile.onStage)).toEqual([false, false, true]);
  });

  it('lays no picture over another, whatever the slots carry', () => {
    const cameras = [slot(0, teacherId), slot(1, otherRoomId), slot(2, 'rom_three')];
    const screen = slot(0, teacherId, MediaKind.SCREEN);
    for (const stage of [[], [roomId], [otherRoomId], [otherRoomId, 'rom_three']]) {
      for (const slots of [[], cameras.slice(0, 1), cameras.slice(1), cameras, [screen, ...cameras]]) {
        const tiles = arrange(slots, lesson(...stage), roomId);
        expect(inside(tiles) && apart(tiles)).toBe(true);
      }
    }
  });
});
