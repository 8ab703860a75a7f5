// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { EndReason, LessonPhase, ParticipantRole, Presence } from '../../gen/tongke/classroom/v1/event_pb';
import { eventOf, opening, otherRoomId, roomId, teacherId } from '../testing/fakeLesson';
import { isOnStage, openPollOf, participantOf, placeInQueue, teacherPresence } from './look';
import { apply, emptyState } from './state';

type Kind = Parameters<typeof eventOf>[1];

const stateAfter = (...kinds: Kind[]) =>
  [opening, ...kinds].reduce((state, kind, index) => apply(state, eventOf(index + 1, kind, roomId)), emptyState());

const joined = (participantId: string, role = ParticipantRole.CLASSROOM): Kind => ({
  case: 'participantJoined',
  value: { participant: { participantId, name: participantId, role } },
});

describe('apply', () => {
  it('opens with everybody expected, and only the lead teacher’s microphone open', () => {
    const state = stateAfter();
    expect(state.participants.map((one) => one.presence)).toEqual([Presence.ABSENT, Presence.ABSENT, Presence.ABSENT]);
    expect(state.participants.map((one) => one.audioOpen)).toEqual([true, false, false]);
    expect(state.ordinal).toBe(1n);
  });

  it('adds who was not in the roster', () => {
    const state = stateAfter(joined('psn_helper', ParticipantRole.ASSISTANT_TEACHER));
    expect(participantOf(state, 'psn_helper')?.presence).toBe(Presence.PRESENT);
    expect(state.participants).toHaveLength(4);
  });

  it('takes a broken stream for reconnecting only while it was present', () => {
    const lost: Kind = { case: 'connectionLost', value: { participantId: teacherId } };
    expect(teacherPresence(stateAfter(lost))).toBe(Presence.ABSENT);
    expect(teacherPresence(stateAfter(joined(teacherId, ParticipantRole.LEAD_TEACHER), lost))).toBe(
      Presence.RECONNECTING,
    );
  });

  it('keeps the time since when somebody is present', () => {
    const state = stateAfter(joined(roomId), joined(roomId));
    expect(participantOf(state, roomId)?.presenceSince?.seconds).toBe(1_700_000_002n);
  });

  it('queues hands in the order of raising, and a raised hand stays where it is', () => {
    const up = (participantId: string): Kind => ({ case: 'handRaised', value: { participantId } });
    const state = stateAfter(up(otherRoomId), up(roomId), up(otherRoomId));
    expect([placeInQueue(state, otherRoomId), placeInQueue(state, roomId), placeInQueue(state, teacherId)]).toEqual([
      1, 2, 0,
    ]);
    const lowered = apply(state, eventOf(9, { case: 'handLowered', value: { participantId: otherRoomId } }));
    expect(placeInQueue(lowered, roomId)).toBe(1);
  });

  it('counts calls and moves rooms on and off stage', () => {
    const on = stateAfter(
      { case: 'calledOn', value: { participantId: roomId } },
      { case: 'steppedOnStage', value: { participantId: roomId } },
      { case: 'audioChanged', value: { participantId: roomId, open: true } },
    );
    expect(isOnStage(on, roomId)).toBe(true);
    expect(participantOf(on, roomId)).toMatchObject({ calledOn: 1, audioOpen: true });
    expect(apply(on, eventOf(9, { case: 'steppedOffStage', value: { participantId: roomId } })).stage).toEqual([]);
  });

  it('replaces a room’s answer and closes the poll with totals', () => {
    const poll: Kind = { case: 'pollOpened', value: { pollId: 'pol_1', question: '?', options: ['A', 'B'] } };
    const answer = (participantId: string, ...counts: number[]): Kind => ({
      case: 'pollAnswered',
      value: { pollId: 'pol_1', participantId, counts },
    });
    const open = stateAfter(poll, answer(roomId, 1, 2), answer(otherRoomId, 3, 4), answer(roomId, 5, 6));
    expect(openPollOf(open)?.answers.map((one) => one.counts)).toEqual([
      [5, 6],
      [3, 4],
    ]);
    const closed = apply(open, eventOf(9, { case: 'pollClosed', value: { pollId: 'pol_1', totals: [8, 10] } }));
    expect(openPollOf(closed)).toBeUndefined();
    expect(closed.poll?.totals).toEqual([8, 10]);
    expect(apply(open, eventOf(9, { case: 'pollClosed', value: { pollId: 'pol_0', totals: [] } })).poll?.closed).toBe(
      false,
    );
  });

  it('keeps the last 200 lines of chat', () => {
    const lines = Array.from({ length: 205 }, (_, i): Kind => ({ case: 'chatPosted', value: { text: `${i}` } }));
    const state = stateAfter(...lines);
    expect(state.chat).toHaveLength(200);
    expect(state.chat[0]?.text).toBe('5');
    expect(state.chat[0]?.participantId).toBe(roomId);
  });

  it('empties the room at the end', () => {
    const state = stateAfter(
      joined(roomId),
      { case: 'mediaConnected', value: { participantId: roomId } },
      { case: 'handRaised', value: { participantId: roomId } },
      { case: 'steppedOnStage', value: { participantId: roomId } },
      { case: 'lessonEnded', value: { reason: EndReason.OVERRUN } },
    );
    expect(state).toMatchObject({ phase: LessonPhase.ENDED, hands: [], stage: [], endReason: EndReason.OVERRUN });
    expect(participantOf(state, roomId)).toMatchObject({ presence: Presence.ABSENT, mediaConnected: false });
  });

  it('counts an event that it does not know', () => {
    expect(stateAfter({ case: undefined }).ordinal).toBe(2n);
  });

  it('leaves the state before it as it was', () => {
    const before = stateAfter();
    apply(before, eventOf(2, { case: 'handRaised', value: { participantId: roomId } }));
    expect(before.hands).toEqual([]);
  });
});
