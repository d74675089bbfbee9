import { type Stringifier, stringify } from 'csv-stringify';
import { OUTCOME_COLUMNS, type OutcomeColumn } from '#libs/protocol';
import type { Outcome } from '#libs/room';

type Row = Record<OutcomeColumn, string | number>;

/** All outcomes of a room as one JSON document, in pieces: a run each. */
export async function* roomOutcomesJson(
  roomId: string,
  outcomes: AsyncIterable<Outcome>,
): AsyncGenerator<string> {
  yield `{"roomId":${JSON.stringify(roomId)},"outcomes":[`;
  let separator = '';
  for await (const outcome of outcomes) {
    yield separator + JSON.stringify(outcome);
    separator = ',';
  }
  yield ']}';
}

/** Makes CSV (RFC 4180) of rows: a line of column names, then a line per row. */
export function outcomeCsv(): Stringifier {
  return stringify({
    header: true,
    columns: [...OUTCOME_COLUMNS],
    record_delimiter: '\r\n',
    // A line break that is not ours (a lone CR or LF) ends a row for many readers.
    quote_record_delimiter: true,
    // Players name themselves, and hosts open this file in a spreadsheet.
    escape_formulas: true,
  });
}

/** One row per player and run. What an outcome does not have is empty. */
export async function* outcomeRows(
  outcomes: AsyncIterable<Outcome> | Iterable<Outcome>,
): AsyncGenerator<Row> {
  for await (const outcome of outcomes) {
    const { roomId, questionId, runId, opensAt, closedAt, reason, afterDataLoss } = outcome;
    const run = { roomId, questionId, runId, opensAt: opensAt ?? '', closedAt, reason };
    for (const answer of outcome.answers) {
      const { playerId, name, choice, verdict, receivedAt, elapsedMs, lateByMs, isCorrect } = answer;
      yield {
        ...run,
        playerId,
        name,
        choice: JSON.stringify(choice),
        verdict,
        receivedAt,
        elapsedMs,
        lateByMs: lateByMs ?? '',
        isCorrect: isCorrect === undefined ? '' : String(isCorrect),
        afterDataLoss: afterDataLoss === undefined ? '' : String(afterDataLoss),
      };
    }
  }
}
