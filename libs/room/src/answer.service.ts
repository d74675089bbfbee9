import {
  type Answerer,
  type EpochMs,
  FRESH_ANSWERER,
  IN_FLIGHT_MS,
  instantInFavour,
  type Judgement,
  judge,
  type RunId,
  type RunRecord,
  receivedWithin,
  runOfAnswer,
} from '#libs/timer-core';
import type { AnswerRecord, AnswerStore } from './answer.ports.js';
import type { IdSource } from './room.ports.js';
import { guarded, notFound, type RoomRefusal, unavailable } from './room.refusal.js';

/** How often an answer is judged anew when its run changes under it; each time the run was changed by its host. */
export const MAX_JUDGE_ATTEMPTS = 8;

const MAX_ROOMS_KNOWN = 10_000;

/** Of the answers that come without an id. */
const ANSWER_ID_CHARACTERS = 20;

/** An answer as a gateway received it. */
export interface SubmittedAnswer {
  readonly roomId: string;
  readonly playerId: string;
  readonly name: string;
  readonly questionId: string;
  readonly runId?: RunId | undefined;
  /** JSON text. */
  readonly choice: string;
  readonly answerId?: string | undefined;
  /** On the clock of the room's shard: the earliest instant at which it may have been received. */
  readonly receivedAt: EpochMs;
  /** The latest one, where a gateway that was busy does not know it exactly; `receivedAt` if absent. */
  readonly latestAt?: EpochMs | undefined;
}

export interface AnswerServiceOptions {
  /** Told of each answer that took longer than the time in flight, or came from the future: its instant was moved. */
  readonly clamped: () => void;
  /** Runs of so many rooms are remembered, 10,000 if absent; the room that was heard of longest ago is forgotten first. */
  readonly maxRoomsKnown?: number;
}

/**
 * The use cases of an answer: judge by the record of its run, store if that still holds. Remembers the records of runs,
 * which are only ever used if the store says that they are the newest.
 */
export class AnswerService {
  private readonly known = new Map<string, readonly RunRecord[]>();

  constructor(
    private readonly store: AnswerStore,
    private readonly ids: IdSource,
    private readonly options: AnswerServiceOptions,
  ) {}

  /** Judges and stores an answer; the same `answerId` again gets the first judgement again. */
  async submit(answer: SubmittedAnswer): Promise<{ kind: 'judged'; judgement: Judgement } | RoomRefusal> {
    return guarded(async () => {
      const { roomId, playerId, name, choice } = answer;
      const answerId = answer.answerId ?? this.ids.token(ANSWER_ID_CHARACTERS);
      const known = this.known.get(roomId);
      let runs = known ?? (await this.readRuns(roomId));
      // Only what the store has just said is a reason to tell somebody no.
      let isFresh = known === undefined;
      const heardAt = answer.latestAt ?? answer.receivedAt;
      let earliestAt = answer.receivedAt;
      let latestAt = heardAt;
      let isClamped = false;
      let answerer: Answerer = FRESH_ANSWERER;
      let standing: { readonly runId: RunId; readonly answerId: string | null } | null = null;
      for (let attempt = 0; attempt < MAX_JUDGE_ATTEMPTS; attempt++) {
        if (runs === null) return notFound();
        const receivedAt = instantInFavour(runs, { ...answer, receivedAt: earliestAt, latestAt });
        const run = runOfAnswer(runs, { ...answer, receivedAt });
        // What is known of the player's other answers is about one run.
        const isSameRun = standing?.runId === run?.runId;
        const judgement = judge(run, isSameRun ? answerer : { ...answerer, standing: null }, receivedAt);
        // A run that has closed may be played again by now, and that is the one that is meant.
        if (!isFresh && (judgement.verdict !== 'accepted' || run?.closedAt !== null)) {
          runs = await this.readRuns(roomId);
          isFresh = true;
          continue;
        }
        if (run === null)
          return { kind: 'judged', judgement: (await this.settledJudgement(answer)) ?? judgement };
        if (judgement.verdict === 'not_eligible' || judgement.verdict === 'duplicate') {
          return { kind: 'judged', judgement };
        }
        const result = await this.store.submit({
          roomId,
          runId: run.runId,
          recordVersion: run.version,
          answer: { ...judgement, playerId, name, answerId, choice },
          isClamped,
          standing: isSameRun ? (standing?.answerId ?? null) : null,
        });
        switch (result.kind) {
          case 'stored':
            return { kind: 'judged', judgement };
          case 'repeated':
            return { kind: 'judged', judgement: result.judgement };
          case 'judge-again':
            break;
          default:
            return result satisfies never;
        }
        runs = result.runs;
        this.remember(roomId, runs);
        isFresh = true;
        const other = runOfAnswer(runs, { ...answer, receivedAt: heardAt });
        const isPlayedAgain =
          other !== null && other.runId !== run.runId && other.opensAt !== null && other.opensAt <= heardAt;
        // Beyond the time in flight: so it cannot have been in time, and there is nothing to store.
        if (result.isSettled && !isPlayedAgain) {
          const given = receivedWithin(receivedAt, result.now, IN_FLIGHT_MS);
          if (given !== receivedAt && !isClamped) this.options.clamped();
          const settled = runOfAnswer(runs, { ...answer, runId: run.runId, receivedAt: given });
          return { kind: 'judged', judgement: judge(settled, result, given) };
        }
        answerer = { isEligible: result.isEligible, standing: result.standing };
        standing = { runId: run.runId, answerId: result.standing?.answerId ?? null };
        const within = receivedWithin(receivedAt, result.now, IN_FLIGHT_MS);
        if (within !== receivedAt && !isClamped) {
          earliestAt = within;
          latestAt = receivedWithin(latestAt, result.now, IN_FLIGHT_MS);
          isClamped = true;
          this.options.clamped();
        }
      }
      return unavailable('The question changed too often meanwhile.');
    });
  }

  /** The player's own answer to a run: the accepted one, else the last refused one; null for none. */
  async answerOf(
    roomId: string,
    runId: RunId,
    playerId: string,
  ): Promise<{ kind: 'answer'; answer: AnswerRecord | null } | RoomRefusal> {
    return guarded(async () => ({
      kind: 'answer',
      answer: await this.store.answerOf(roomId, runId, playerId),
    }));
  }

  /** A client that heard no ack may ask again long after its question was settled. */
  private async settledJudgement({
    roomId,
    playerId,
    questionId,
    answerId,
  }: SubmittedAnswer): Promise<Judgement | null> {
    if (answerId === undefined) return null;
    const runId = await this.store.newestRun(roomId, questionId);
    const answer = runId === null ? null : await this.store.answerOf(roomId, runId, playerId);
    return answer?.answerId === answerId ? answer : null;
  }

  private async readRuns(roomId: string): Promise<readonly RunRecord[] | null> {
    const live = await this.store.liveRuns(roomId);
    if (live === null) return null;
    this.remember(roomId, live.runs);
    return live.runs;
  }

  private remember(roomId: string, runs: readonly RunRecord[]): void {
    // Set anew, so that the map's order is the order of being heard of.
    this.known.delete(roomId);
    this.known.set(roomId, runs);
    if (this.known.size <= (this.options.maxRoomsKnown ?? MAX_ROOMS_KNOWN)) return;
    const [oldest] = this.known.keys();
    if (oldest !== undefined) this.known.delete(oldest);
  }
}
