import { type Choice, PAD_CHOICES } from './question.content.js';

/** How many players chose what, of one settled run. */
export interface RoomResults {
  readonly runId: number;
  /** Players with an accepted answer. */
  readonly answered: number;
  /** Absent where no right answer was given with the question. */
  readonly correct?: unknown;
  readonly choices: readonly { readonly choice: unknown; readonly count: number }[];
}

/** One bar of the chart. */
export interface ResultBar {
  readonly key: string;
  /** The choice's text; of an answer that is none of the choices, the answer itself. */
  readonly text: string;
  /** Place among the question's choices, from 0, for its mark; null for an answer that is none of them. */
  readonly index: number | null;
  readonly count: number;
  /** Of all answers, 0 to 1. */
  readonly share: number;
  /** Null where the question has no right answer, or none that is known. */
  readonly isRight: boolean | null;
}

/** Answers that are none of the choices are anything; more of them than this fit on no screen. */
const MAX_OTHER_BARS = 4;
const MAX_OTHER_TEXT = 40;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** The body of `GET .../results`; null if it is none. Never throws. */
export function readResults(body: unknown): RoomResults | null {
  if (!isRecord(body) || !isCount(body.runId) || !isCount(body.answered) || !Array.isArray(body.choices))
    return null;
  const choices: { choice: unknown; count: number }[] = [];
  for (const entry of body.choices as unknown[]) {
    if (isRecord(entry) && Object.hasOwn(entry, 'choice') && isCount(entry.count)) {
      choices.push({ choice: entry.choice, count: entry.count });
    }
  }
  const { runId, answered } = body;
  return Object.hasOwn(body, 'correct')
    ? { runId, answered, choices, correct: body.correct }
    : { runId, answered, choices };
}

/** JSON with the fields of every object in one order, so that equal values have equal texts. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part: unknown) =>
      isRecord(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
        : part,
    ) ?? 'null'
  );
}

/** Whether a choice is right: `correct` is the right choice, or a list of the right ones. */
function rightness({ correct }: RoomResults): (choice: string) => boolean | null {
  if (correct === undefined || correct === null) return () => null;
  const right = new Set([canonical(correct), ...(Array.isArray(correct) ? correct.map(canonical) : [])]);
  return (choice) => right.has(choice);
}

function shortText(choice: unknown): string {
  const text = typeof choice === 'string' ? choice : canonical(choice);
  return text.length > MAX_OTHER_TEXT ? `${text.slice(0, MAX_OTHER_TEXT - 1)}…` : text;
}

/** The choices of a question without any, if players answered it by the neutral ones of their pages. */
function padOf({ choices }: RoomResults): readonly Choice[] {
  const given = new Set(choices.map(({ choice }) => choice));
  return PAD_CHOICES.some(({ id }) => given.has(id)) ? PAD_CHOICES : [];
}

/**
 * The chart: every choice of the question in its order, chosen or not, then the most frequent answers that are none of
 * them.
 */
export function resultBars(choices: readonly Choice[], results: RoomResults): readonly ResultBar[] {
  const isRight = rightness(results);
  const counted = new Map<string, { choice: unknown; count: number }>();
  for (const { choice, count } of results.choices) {
    const key = canonical(choice);
    counted.set(key, { choice, count: count + (counted.get(key)?.count ?? 0) });
  }
  const total = [...counted.values()].reduce((sum, { count }) => sum + count, 0);
  const bar = (key: string, text: string, index: number | null, count: number): ResultBar => ({
    key,
    text,
    index,
    count,
    share: total === 0 ? 0 : count / total,
    isRight: isRight(key),
  });
  const own = (choices.length > 0 ? choices : padOf(results)).map(({ id, text }, index) => {
    const key = canonical(id);
    return bar(key, text, index, counted.get(key)?.count ?? 0);
  });
  const ownKeys = new Set(own.map(({ key }) => key));
  const others = [...counted]
    .filter(([key]) => !ownKeys.has(key))
    .sort(([, a], [, b]) => b.count - a.count)
    .slice(0, MAX_OTHER_BARS)
    .map(([key, { choice, count }]) => bar(key, shortText(choice), null, count));
  return [...own, ...others];
}
