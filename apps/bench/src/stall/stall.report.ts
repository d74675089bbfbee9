import { machineLine, type RunFacts } from '../suite.output.js';
import type { StallReport } from './stall.checks.js';

export interface StallResult extends RunFacts {
  readonly bench: 'stall';
  readonly players: number;
  readonly stallMs: number;
  /** The largest of the questions' margins: what cannot be told from late. */
  readonly marginMs: number;
  readonly questions: readonly StallReport[];
  readonly total: Pick<StallReport, 'sent' | 'inTime' | 'inTimeDuringStall' | 'refused' | 'missing'>;
  /** None that came in time was refused or is missing, and the stall met some. */
  readonly isKept: boolean;
}

/** A run in which no answer met the stall proves nothing. */
export function isTried(questions: readonly StallReport[], stallMs: number): boolean {
  return questions.some(
    ({ inTime, inTimeDuringStall }) => inTime > 0 && (stallMs === 0 || inTimeDuringStall > 0),
  );
}

export function stallResult(
  questions: readonly StallReport[],
  about: Omit<StallResult, 'bench' | 'marginMs' | 'questions' | 'total' | 'isKept'>,
): StallResult {
  const sum = (field: keyof StallResult['total']) =>
    questions.reduce((all, question) => all + question[field], 0);
  const total = {
    sent: sum('sent'),
    inTime: sum('inTime'),
    inTimeDuringStall: sum('inTimeDuringStall'),
    refused: sum('refused'),
    missing: sum('missing'),
  };
  return {
    bench: 'stall',
    ...about,
    marginMs: Math.max(...questions.map(({ marginMs }) => marginMs)),
    questions,
    total,
    isKept: isTried(questions, about.stallMs) && total.refused + total.missing === 0,
  };
}

const MAX_EXAMPLES = 10;

export function stallTable(result: StallResult): string {
  const { total, questions, stallMs, marginMs, players } = result;
  const lengths = questions.map(({ stall }) => stall.lengthMs);
  const examples = questions.flatMap((question) => question.examples);
  return [
    `${questions.length} questions, ${players} players: a gateway stopped for ${stallMs} ms (it was ${Math.min(...lengths)} to ${Math.max(...lengths)}) at the deadline.`,
    `  answers sent in the last 40 ms      ${total.sent}`,
    `  in time (by ${marginMs} ms or more)          ${total.inTime}`,
    `  of those while the gateway stood    ${total.inTimeDuringStall}`,
    `  in time, but refused                ${total.refused}`,
    `  in time, but not in the outcome     ${total.missing}`,
    ...examples
      .slice(0, MAX_EXAMPLES)
      .map(
        ({ handedOverBeforeMs, datedAfterMs }) =>
          `  refused: handed over ${handedOverBeforeMs} ms before the deadline, dated ${datedAfterMs} ms after it`,
      ),
    result.isKept
      ? '  No answer that came in time was refused or is missing.'
      : '  BROKEN: answers that came in time were refused or are missing, or none met the stall.',
    machineLine(result),
  ].join('\n');
}
