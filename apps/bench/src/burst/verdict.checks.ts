import type { JudgedAnswer } from '../players/judged.answer.js';

/** What the closed question says of itself. Instants on the server's clock. */
export interface Closing {
  readonly opensAt: number;
  readonly endsAt: number;
  readonly graceMs: number;
}

/** How exactly the instants of two clocks can be compared, ms. */
export interface Tolerance {
  /** Of the comparison itself. */
  readonly clockMs: number;
  /**
   * By so much more a gateway may have dated an answer back: after a stall it gives players the benefit of the doubt.
   * 0 when no gateway stalled.
   */
  readonly stallMs: number;
}

/** An answer in the outcome. */
export interface OutcomeRow {
  readonly playerId: string;
  readonly choice: unknown;
  readonly verdict: string;
  readonly receivedAt: number;
}

/** How many answers broke which promise; all 0 in a good run. */
export interface BrokenVerdicts {
  /** No acknowledgement. */
  readonly lost: number;
  /** An error instead of a verdict. */
  readonly refused: number;
  /** The verdict, or its times, do not fit the deadline. */
  readonly wrong: number;
  /** `receivedAt` is not between sending and acknowledgement. */
  readonly misdated: number;
  /** Accepted, but not in the outcome. */
  readonly missing: number;
  /** More than once in the outcome. */
  readonly doubled: number;
  /** In the outcome, but with other contents than were acknowledged, or never accepted. */
  readonly altered: number;
}

export interface VerdictReport {
  readonly verdicts: number;
  readonly accepted: number;
  readonly late: number;
  readonly broken: BrokenVerdicts;
  /** The first few, in words. */
  readonly examples: readonly string[];
}

const MAX_EXAMPLES = 5;

/** Holds every verdict against the clock and the outcome. */
export function checkVerdicts(
  answers: readonly JudgedAnswer[],
  closing: Closing,
  outcome: readonly OutcomeRow[],
  tolerance: Tolerance,
): VerdictReport {
  const broken = { lost: 0, refused: 0, wrong: 0, misdated: 0, missing: 0, doubled: 0, altered: 0 };
  const examples: string[] = [];
  const note = (kind: keyof BrokenVerdicts, text: string) => {
    broken[kind] += 1;
    if (examples.length < MAX_EXAMPLES) examples.push(`${kind}: ${text}`);
  };
  let accepted = 0;
  let late = 0;
  const rows = rowsByPlayer(outcome);
  for (const answer of answers) {
    const { tell, playerId } = answer;
    const own = rows.get(playerId) ?? [];
    rows.delete(playerId);
    if (own.length > 1) note('doubled', `${playerId} has ${own.length} rows`);
    const standing = own.filter(({ verdict }) => verdict === 'accepted');
    if (tell.kind === 'verdict' && tell.verdict === 'accepted') {
      accepted += 1;
      const [row] = standing;
      if (row === undefined) note('missing', `${playerId}, received at ${tell.receivedAt}`);
      else if (row.choice !== answer.choice || row.receivedAt !== tell.receivedAt)
        note('altered', `${playerId}: ${JSON.stringify(row)} is not ${JSON.stringify(answer)}`);
    } else if (tell.kind !== 'lost' && standing.length > 0) {
      note('altered', `${playerId} was not accepted but is in the outcome`);
    }
    if (tell.kind === 'lost') note('lost', playerId);
    else if (tell.kind === 'refused') note('refused', `${playerId}: ${tell.code}`);
    else {
      if (tell.verdict === 'late') late += 1;
      const fault = faultOf(tell, closing);
      if (fault !== null) note('wrong', `${playerId}: ${fault}`);
      if (isMisdated(answer, tell.receivedAt, tolerance))
        note(
          'misdated',
          `${playerId}: sent at ${answer.sentAt}, received at ${tell.receivedAt}, answered at ${answer.answeredAt}`,
        );
    }
  }
  for (const [playerId, [row]] of rows) note('altered', `${playerId} never answered: ${JSON.stringify(row)}`);
  const verdicts = answers.length - broken.lost - broken.refused;
  return { verdicts, accepted, late, broken, examples };
}

function rowsByPlayer(outcome: readonly OutcomeRow[]): Map<string, OutcomeRow[]> {
  const rows = new Map<string, OutcomeRow[]>();
  for (const row of outcome) rows.set(row.playerId, [...(rows.get(row.playerId) ?? []), row]);
  return rows;
}

type Verdict = Extract<JudgedAnswer['tell'], { kind: 'verdict' }>;

/** What is wrong with a verdict by its own `receivedAt`; null for nothing. */
function faultOf(
  { verdict, receivedAt, elapsedMs, lateByMs }: Verdict,
  { opensAt, endsAt, graceMs }: Closing,
): string | null {
  const expected = receivedAt < opensAt ? 'not_open' : receivedAt < endsAt + graceMs ? 'accepted' : 'late';
  if (verdict !== expected) {
    return `${verdict} when received at ${receivedAt}, with a deadline at ${endsAt} and ${graceMs} ms of grace`;
  }
  const lateness = expected === 'late' ? receivedAt - endsAt : undefined;
  if (lateByMs !== lateness) return `lateByMs ${lateByMs}, not ${lateness}`;
  const elapsed = Math.max(0, Math.min(receivedAt, endsAt) - opensAt);
  return elapsedMs === elapsed ? null : `elapsedMs ${elapsedMs}, not ${elapsed}`;
}

function isMisdated(
  { sentAt, answeredAt }: JudgedAnswer,
  receivedAt: number,
  { clockMs, stallMs }: Tolerance,
): boolean {
  return receivedAt < sentAt - clockMs - stallMs || receivedAt > (answeredAt ?? receivedAt) + clockMs;
}

export const isClean = (broken: BrokenVerdicts): boolean =>
  Object.values(broken).every((count: number) => count === 0);
