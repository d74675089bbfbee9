import type { RunRecord } from './run.record.js';
import { after, between, type DurationMs, durationMs, type EpochMs, type RunId } from './units.js';

/** The judgement of one answer, in the order in which the rules are tried. */
export type Verdict =
  | 'wrong_question'
  | 'not_eligible'
  | 'duplicate'
  | 'not_open'
  | 'paused'
  | 'late'
  | 'accepted';

/** What a player is told of an answer. */
export interface Judgement {
  readonly verdict: Verdict;
  /** The instant at which the gateway received it. */
  readonly receivedAt: EpochMs;
  /** Open time until then, without pauses; at most the run's `durationMs`. */
  readonly elapsedMs: DurationMs;
  /** With `late`: how long after the deadline it came. */
  readonly lateByMs?: DurationMs;
}

/** Who answers, as far as the judgement depends on it. */
export interface Answerer {
  /** False for somebody who was removed from the room, or never was a player of it. */
  readonly isEligible: boolean;
  /** Their accepted answer to this run, if there is one. */
  readonly standing: Judgement | null;
}

/** What is assumed of a player until the store says otherwise: eligible, and without an accepted answer. */
export const FRESH_ANSWERER: Answerer = { isEligible: true, standing: null };

/**
 * Judges an answer by the run's record and the instant at which its gateway received it, never by the room's phase: so an
 * answer that was received in time counts although the question has closed by now.
 *
 * @param run null when no run of that question is current or unsettled
 */
export function judge(run: RunRecord | null, answerer: Answerer, receivedAt: EpochMs): Judgement {
  if (run === null) return { verdict: 'wrong_question', receivedAt, elapsedMs: durationMs(0) };
  const elapsedMs = elapsedAt(run, receivedAt);
  const told = (verdict: Verdict): Judgement => ({ verdict, receivedAt, elapsedMs });
  if (!answerer.isEligible) return told('not_eligible');
  const { standing } = answerer;
  // Where answers may change, the one that was received last stands, in whatever order they come here.
  if (standing !== null && !(run.mayChangeAnswer && receivedAt >= standing.receivedAt)) {
    return { verdict: 'duplicate', receivedAt: standing.receivedAt, elapsedMs: standing.elapsedMs };
  }
  if (run.opensAt === null || receivedAt < run.opensAt || isEnded(run, receivedAt)) return told('not_open');
  if (isPaused(run, receivedAt)) return told('paused');
  if (run.cutoffAt === null || receivedAt < run.cutoffAt) return told('accepted');
  const lateByMs = durationMs(between(run.endsAt ?? run.cutoffAt, receivedAt));
  return { ...told('late'), lateByMs };
}

/**
 * Which of a room's runs an answer is meant for: the named one, or else the newest run of the question that had opened
 * when the answer was received (a question may be played again while answers to its last run are in flight).
 *
 * @param runs the current run and those that are not settled
 * @returns null when there is none
 */
export function runOfAnswer(
  runs: readonly RunRecord[],
  answer: { readonly questionId: string; readonly runId?: RunId | undefined; readonly receivedAt: EpochMs },
): RunRecord | null {
  const { questionId, runId, receivedAt } = answer;
  const meant = runs
    .filter((run) => run.questionId === questionId && (runId === undefined || run.runId === runId))
    .sort((a, b) => b.runId - a.runId);
  return meant.find((run) => run.opensAt !== null && run.opensAt <= receivedAt) ?? meant[0] ?? null;
}

/**
 * The instant by which an answer is judged when it is only known between which two it was received: the earliest of them
 * at which it would count, and if it would at none, the first. So nobody is told that they were too early because their
 * gateway was busy when the question opened.
 *
 * @param answer `receivedAt` is the first of the two, `latestAt` the last
 */
export function instantInFavour(
  runs: readonly RunRecord[],
  answer: {
    readonly questionId: string;
    readonly runId?: RunId | undefined;
    readonly receivedAt: EpochMs;
    readonly latestAt: EpochMs;
  },
): EpochMs {
  const { receivedAt, latestAt } = answer;
  if (latestAt <= receivedAt) return receivedAt;
  const beginnings = runs
    .flatMap(({ opensAt, pauses }) => [opensAt, ...pauses.map(([, to]) => to)])
    .filter((at): at is EpochMs => at !== null && at > receivedAt && at <= latestAt)
    .sort((a, b) => a - b);
  const counts = (at: EpochMs): boolean =>
    judge(runOfAnswer(runs, { ...answer, receivedAt: at }), FRESH_ANSWERER, at).verdict === 'accepted';
  return [receivedAt, ...beginnings].find(counts) ?? receivedAt;
}

/** Stopped, or closed with the room: nothing counts after that act, and there is no lateness to speak of. */
const isEnded = ({ reason, closedAt }: RunRecord, at: EpochMs): boolean =>
  closedAt !== null && reason !== 'expired' && at >= closedAt;

const isPaused = ({ pauses, pausedAt }: RunRecord, at: EpochMs): boolean =>
  (pausedAt !== null && at >= pausedAt) || pauses.some(([from, to]) => at >= from && at < to);

/** How long the run had been open at an instant, pauses taken out. */
function elapsedAt(run: RunRecord, at: EpochMs): DurationMs {
  if (run.opensAt === null || at <= run.opensAt) return durationMs(0);
  const until = run.pausedAt !== null && run.pausedAt < at ? run.pausedAt : at;
  // All ended pauses, less what of them lies after the instant.
  const ahead = run.pauses.reduce((sum, [from, to]) => sum + Math.max(0, to - Math.max(from, until)), 0);
  const open = between(run.opensAt, until) - (run.pausedMs - ahead);
  return durationMs(Math.min(run.durationMs, Math.max(0, open)));
}

/**
 * The instant by which an answer is judged: what its gateway says, within the time that an answer may be in flight, and
 * never in the future of the shard's clock.
 */
export function receivedWithin(receivedAt: EpochMs, now: EpochMs, inFlightMs: number): EpochMs {
  const earliest = after(now, -inFlightMs);
  if (receivedAt < earliest) return earliest;
  return receivedAt > now ? now : receivedAt;
}
