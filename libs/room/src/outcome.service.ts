import type { RunId } from '#libs/timer-core';
import type { AnswerStore, RunSummary } from './answer.ports.js';
import type { MemberStore } from './member.ports.js';
import { isAfterDataLoss, type Outcome, outcomeOf } from './outcome.js';
import { guarded, notFound, type RoomRefusal, refuse } from './room.refusal.js';

/** Which run of a room somebody asks for: a question's newest, or one of its runs. */
export interface RunChoice {
  readonly questionId: string;
  readonly runId?: RunId | undefined;
}

/** The use cases of what settled runs produced; they work for a closed room as well, while it is remembered. */
export class OutcomeService {
  constructor(
    private readonly answers: Pick<AnswerStore, 'newestRun' | 'runs' | 'settledRun' | 'erasePlayer'>,
    private readonly members: Pick<MemberStore, 'roleOf' | 'remove'>,
  ) {}

  /** The outcome of one run. Refuses with `wrong_phase` until it is settled, with `not_found` when it is not kept. */
  async outcome(
    roomId: string,
    { questionId, runId }: RunChoice,
  ): Promise<{ kind: 'outcome'; outcome: Outcome } | RoomRefusal> {
    return guarded(async () => {
      const newest = await this.answers.newestRun(roomId, questionId);
      const known = await this.answers.runs(roomId, newest === null ? [] : [runId ?? newest]);
      if (known === null) return notFound();
      if (newest === null) return missing('questionId', 'This question was not played in this room.');
      const run = known.runs.find((one) => one.questionId === questionId);
      if (run === undefined) return missing('runId', 'The question has no such run.');
      if (run.settledAt === null) return refuse('wrong_phase', 'This run is not settled yet.');
      const settled = await this.answers.settledRun(roomId, run.runId);
      if (settled === null) {
        const field = runId === undefined ? 'questionId' : 'runId';
        return missing(field, 'The outcome of this run is not kept any more.');
      }
      const outcome = outcomeOf(settled, roomId, isAfterDataLoss(settled, known.retoldAt));
      return { kind: 'outcome', outcome };
    });
  }

  /** The outcome of a run, whatever its question. Refuses as `outcome`. */
  async outcomeOfRun(
    roomId: string,
    runId: RunId,
  ): Promise<{ kind: 'outcome'; outcome: Outcome } | RoomRefusal> {
    return guarded(async () => {
      const known = await this.answers.runs(roomId, [runId]);
      if (known === null) return notFound();
      const [run] = known.runs;
      if (run === undefined) return missing('runId', 'The room has no such run.');
      if (run.settledAt === null) return refuse('wrong_phase', 'This run is not settled yet.');
      const settled = await this.answers.settledRun(roomId, runId);
      if (settled === null) return missing('runId', 'The outcome of this run is not kept any more.');
      const outcome = outcomeOf(settled, roomId, isAfterDataLoss(settled, known.retoldAt));
      return { kind: 'outcome', outcome };
    });
  }

  /**
   * The outcomes of all runs that are settled, in the order of their starts. Each run is read when it is asked for: all of
   * them together may be too much to hold.
   *
   * @throws StoreUnavailableError from the iteration
   */
  async outcomes(
    roomId: string,
  ): Promise<{ kind: 'outcomes'; outcomes: AsyncIterable<Outcome> } | RoomRefusal> {
    return guarded(async () => {
      const known = await this.answers.runs(roomId);
      if (known === null) return notFound();
      const outcomes = this.readOutcomes(roomId, known);
      // A store that is away is told as a refusal, not in the middle of an answer.
      const first = await outcomes.next();
      return { kind: 'outcomes', outcomes: continued(first, outcomes) };
    });
  }

  /**
   * Forgets a player for good: the member is put out, then record, name and answers are erased; the token cannot bring them
   * back. Refuses with `not_found` when nothing was known of them. May be repeated after `unavailable`.
   */
  async erasePlayer(roomId: string, playerId: string): Promise<{ kind: 'erased' } | RoomRefusal> {
    return guarded(async () => {
      if ((await this.answers.runs(roomId, [])) === null) return notFound();
      const role = await this.members.roleOf(roomId, playerId);
      if (role === 'host') return refuse('forbidden', 'The host of a room cannot be deleted from it.');
      if (role !== null) await this.members.remove(roomId, playerId, 'kicked');
      // Somebody who was forgotten as a member may still have answered.
      if (!(await this.answers.erasePlayer(roomId, playerId))) {
        return missing('playerId', 'Nothing is known of this player.');
      }
      return { kind: 'erased' };
    });
  }

  private async *readOutcomes(
    roomId: string,
    { runs, retoldAt }: NonNullable<Awaited<ReturnType<AnswerStore['runs']>>>,
  ): AsyncGenerator<Outcome> {
    for (const { runId } of runs.filter(isSettled)) {
      const settled = await this.answers.settledRun(roomId, runId);
      if (settled !== null) yield outcomeOf(settled, roomId, isAfterDataLoss(settled, retoldAt));
    }
  }
}

async function* continued<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

const isSettled = ({ settledAt }: RunSummary): boolean => settledAt !== null;

const missing = (field: 'questionId' | 'runId' | 'playerId', message: string) =>
  refuse('not_found', message, { field });
