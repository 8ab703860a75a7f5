import { clone, create } from '@bufbuild/protobuf';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import {
  type AudioChanged,
  type ChatLine,
  ChatLineSchema,
  HandStateSchema,
  type LessonEvent,
  LessonPhase,
  type LessonState,
  LessonStateSchema,
  ParticipantRole,
  type ParticipantState,
  ParticipantStateSchema,
  type PollAnswered,
  type PollClosed,
  type PollState,
  PollStateSchema,
  Presence,
  type RosterEntry,
} from '../../gen/tongke/classroom/v1/event_pb';

/** How many lines of chat the state keeps, as in the classroom service. */
const chatLines = 200;

/** emptyState is the state before the first event. */
export function emptyState(): LessonState {
  return create(LessonStateSchema, { phase: LessonPhase.WAITING });
}

/**
 * apply gives the state after one event. It is pure and the same function as `lesson.Apply` of the classroom
 * service: what it does not touch stays the same object, so that views can compare by identity.
 */
export function apply(state: LessonState, event: LessonEvent): LessonState {
  return { ...state, ...change(state, event), ordinal: event.ordinal };
}

function change(state: LessonState, event: LessonEvent): Partial<LessonState> {
  const { kind } = event;
  switch (kind.case) {
    case 'lessonOpened':
      return {
        plan: kind.value.plan,
        phase: LessonPhase.WAITING,
        participants: (kind.value.plan?.roster ?? []).map((entry) => expected(entry, event.at)),
      };
    case 'lessonStarted':
      return { phase: LessonPhase.LIVE, startedAt: event.at };
    case 'lessonEnded':
      // The room empties: hands go down, the stage clears, everybody leaves.
      return {
        phase: LessonPhase.ENDED,
        endedAt: event.at,
        endReason: kind.value.reason,
        hands: [],
        stage: [],
        participants: state.participants.map((one) => ({ ...one, ...left(one, event.at) })),
      };
    case 'participantJoined':
      return kind.value.participant ? joined(state, kind.value.participant, event.at) : {};
    case 'connectionLost':
      return changed(state, kind.value.participantId, (was) =>
        was.presence === Presence.PRESENT ? { presence: Presence.RECONNECTING, presenceSince: event.at } : {},
      );
    case 'participantLeft':
      return changed(state, kind.value.participantId, (was) => left(was, event.at));
    case 'handRaised':
      return handRaised(state, kind.value.participantId, event.at);
    case 'handLowered':
      return { hands: state.hands.filter((hand) => hand.participantId !== kind.value.participantId) };
    case 'calledOn':
      return changed(state, kind.value.participantId, (was) => ({ calledOn: was.calledOn + 1 }));
    case 'steppedOnStage':
      return state.stage.includes(kind.value.participantId)
        ? {}
        : { stage: [...state.stage, kind.value.participantId] };
    case 'steppedOffStage':
      return { stage: state.stage.filter((id) => id !== kind.value.participantId) };
    case 'audioChanged':
      return audioChanged(state, kind.value);
    case 'chatPosted':
      return { chat: [...state.chat, lineOf(event, kind.value.text)].slice(-chatLines) };
    case 'pollOpened':
      return { poll: create(PollStateSchema, { ...plain(kind.value), closed: false }) };
    case 'pollAnswered':
      return pollOf(state, kind.value.pollId, (poll) => ({ answers: answered(poll.answers, kind.value) }));
    case 'pollClosed':
      return pollOf(state, kind.value.pollId, (poll) => closed(poll, kind.value));
    case 'headCountSet':
      return changed(state, kind.value.participantId, () => ({ headCount: kind.value.count }));
    case 'mediaConnected':
      return changed(state, kind.value.participantId, () => ({ mediaConnected: true }));
    case 'mediaLost':
      return changed(state, kind.value.participantId, () => ({ mediaConnected: false }));
    default:
      // An event of a newer server: it counts, but this client does not know what it changes.
      return {};
  }
}

function expected(entry: RosterEntry, at: Timestamp | undefined): ParticipantState {
  const audioOpen = entry.role === ParticipantRole.LEAD_TEACHER;
  return create(ParticipantStateSchema, { entry, presence: Presence.ABSENT, presenceSince: at, audioOpen });
}

function joined(state: LessonState, entry: RosterEntry, at: Timestamp | undefined): Partial<LessonState> {
  const known = state.participants.some((one) => one.entry?.participantId === entry.participantId);
  const guest = create(ParticipantStateSchema, { entry, presence: Presence.ABSENT });
  const participants = known ? state.participants : [...state.participants, guest];
  return changed({ ...state, participants }, entry.participantId, (was) =>
    was.presence === Presence.PRESENT ? {} : { presence: Presence.PRESENT, presenceSince: at },
  );
}

function left(was: ParticipantState, at: Timestamp | undefined): Partial<ParticipantState> {
  if (was.presence === Presence.ABSENT) return { mediaConnected: false };
  return { mediaConnected: false, presence: Presence.ABSENT, presenceSince: at };
}

function changed(
  state: LessonState,
  id: string,
  part: (was: ParticipantState) => Partial<ParticipantState>,
): Partial<LessonState> {
  return {
    participants: state.participants.map((one) => (one.entry?.participantId === id ? { ...one, ...part(one) } : one)),
  };
}

function handRaised(state: LessonState, participantId: string, at: Timestamp | undefined): Partial<LessonState> {
  if (state.hands.some((hand) => hand.participantId === participantId)) return {};
  return { hands: [...state.hands, create(HandStateSchema, { participantId, raisedAt: at })] };
}

function audioChanged(state: LessonState, { participantId, open, mutedByTeacher }: AudioChanged) {
  return changed(state, participantId, () => ({ audioOpen: open, mutedByTeacher }));
}

function lineOf(event: LessonEvent, text: string): ChatLine {
  return create(ChatLineSchema, { ordinal: event.ordinal, participantId: event.actorId, text, at: event.at });
}

function pollOf(
  state: LessonState,
  pollId: string,
  part: (poll: PollState) => Partial<PollState>,
): Partial<LessonState> {
  if (state.poll?.pollId !== pollId) return {};
  return { poll: { ...state.poll, ...part(state.poll) } };
}

function answered(answers: PollAnswered[], answer: PollAnswered): PollAnswered[] {
  const known = answers.some((one) => one.participantId === answer.participantId);
  if (!known) return [...answers, answer];
  return answers.map((one) => (one.participantId === answer.participantId ? answer : one));
}

/** What most rooms saw only as "answered" is shown to all when the poll closes. */
function closed(poll: PollState, { totals, answers }: PollClosed): Partial<PollState> {
  return { closed: true, totals, answers: answers.length > 0 ? answers : poll.answers };
}

function plain({ pollId, question, options }: { pollId: string; question: string; options: string[] }) {
  return { pollId, question, options };
}

/** copyOf detaches a received state from the message that carried it. */
export function copyOf(state: LessonState | undefined): LessonState {
  return state ? clone(LessonStateSchema, state) : emptyState();
}
