import type { Verdict } from '#libs/protocol';

/** What an outcome says of its run's times. */
export interface RunTimes {
  readonly opensAt: number | null;
  readonly endsAt: number;
  readonly closedAt: number;
  readonly reason: string;
  readonly graceMs: number;
  readonly timeline: readonly { readonly event: string; readonly at: number }[];
}

/** From this instant on an answer is late. */
export const cutoffOf = ({ endsAt, graceMs }: Pick<RunTimes, 'endsAt' | 'graceMs'>): number =>
  endsAt + graceMs;

/**
 * The verdict that an answer deserves that was received at that instant, by the times of its run alone. It is written here
 * once more, from the contract and not from the server's rule, so that the two can contradict each other.
 */
export function expectedVerdict(
  run: RunTimes,
  receivedAt: number,
): Extract<Verdict, 'not_open' | 'paused' | 'late' | 'accepted'> {
  if (run.opensAt === null || receivedAt < run.opensAt) return 'not_open';
  if (run.reason !== 'expired' && receivedAt >= run.closedAt) return 'not_open';
  const last = run.timeline.findLast(
    ({ event, at }) => at <= receivedAt && (event === 'paused' || event === 'resumed'),
  );
  if (last?.event === 'paused') return 'paused';
  return receivedAt < cutoffOf(run) ? 'accepted' : 'late';
}
