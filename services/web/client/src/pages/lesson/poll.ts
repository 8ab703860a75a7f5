/** Polls as the teacher asks and reads them. Pure. */
import type { PollState } from '../../gen/tongke/classroom/v1/event_pb';

export type Preset = 'trueFalse' | 'choices' | 'custom';

/** Limits of the contract. */
export const mostOptions = 6;
export const fewestOptions = 2;

/** Hands per option over all rooms: the server's totals once closed, the sum of the answers before. */
export function totalsOf(poll: PollState): number[] {
  if (poll.closed && poll.totals.length > 0) return poll.totals;
  return poll.options.map((_, option) => poll.answers.reduce((sum, answer) => sum + (answer.counts[option] ?? 0), 0));
}

/** Options as they are sent: trimmed, without empty ones. */
export function usable(options: readonly string[]): string[] {
  return options.map((option) => option.trim()).filter((option) => option !== '');
}
