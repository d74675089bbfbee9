import type { CloseReason, EpochMs, RunId } from '#libs/timer-core';
import type { Outcome } from './outcome.js';

/** How many accepted answers chose the same. */
export interface ChoiceCount {
  /** With the keys of objects in order. */
  readonly choice: unknown;
  readonly count: number;
}

/** What a settled run produced, without anybody's name: for a screen. */
export interface RunResults {
  readonly roomId: string;
  readonly questionId: string;
  readonly runId: RunId;
  readonly reason: CloseReason;
  readonly closedAt: EpochMs;
  /** Accepted answers. */
  readonly answered: number;
  /** The right answer, where the host gave one. */
  readonly correct?: unknown;
  /** The most frequent first, then by text. At most `MAX_CHOICES`. */
  readonly choices: readonly ChoiceCount[];
  /** Accepted answers whose choice is not among `choices`; absent for none. */
  readonly otherChoices?: number;
}

/** Whoever types freely makes a choice of their own: a screen shows no more, and the document stays bounded. */
export const MAX_CHOICES = 100;

/** The outcome by choices. It depends on nothing else, so a run has exactly one as long as its outcome is the same. */
export function resultsOf(outcome: Outcome): RunResults {
  const { roomId, questionId, runId, reason, closedAt } = outcome;
  const counts = new Map<string, number>();
  for (const { verdict, choice } of outcome.answers) {
    if (verdict !== 'accepted') continue;
    const text = canonicalJson(choice);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, aCount], [b, bCount]) => bCount - aCount || (a < b ? -1 : 1));
  const listed = sorted.slice(0, MAX_CHOICES);
  const otherChoices = outcome.counts.accepted - listed.reduce((sum, [, count]) => sum + count, 0);
  return {
    roomId,
    questionId,
    runId,
    reason,
    closedAt,
    answered: outcome.counts.accepted,
    ...('correct' in outcome ? { correct: outcome.correct } : {}),
    choices: listed.map(([text, count]) => ({ choice: JSON.parse(text) as unknown, count })),
    ...(otherChoices === 0 ? {} : { otherChoices }),
  };
}

/** The same text for what is the same as JSON: the keys of objects are in order. @param value anything of `JSON.parse` */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
}
