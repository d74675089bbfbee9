import {
  type AnswerRecord,
  type AnswerRequest,
  type AnswerResult,
  type AnswerStore,
  EARLIER_ANSWERS_KEPT,
  type LiveRuns,
  type RunSummary,
  type SettledRun,
  shardOfRoom,
} from '#libs/room';
import { type EpochMs, IN_FLIGHT_MS, type RunId } from '#libs/timer-core';
import { liveRunsScript, submitAnswerScript } from './answer.scripts.js';
import { eraseAnswersScript, erasePlayerScript, runsScript, settledRunScript } from './outcome.scripts.js';
import type { KeySpace } from './room.keys.js';
import { type RedisClient, ScriptRunner, storeCall } from './script.definition.js';

/** How many answers are read by one command. */
const ANSWERS_PER_CALL = 500;
/** From how many runs one script takes the answers of a player. */
const ERASED_RUNS_PER_CALL = 500;

/** Answers in Redis, in the slot of their room. */
export class RedisAnswerStore implements AnswerStore {
  private readonly scripts: ScriptRunner;

  constructor(
    private readonly redis: RedisClient,
    private readonly keys: KeySpace,
    private readonly options: { readonly retentionMs: number },
  ) {
    this.scripts = new ScriptRunner(redis);
  }

  async liveRuns(roomId: string): Promise<LiveRuns | null> {
    const shard = this.keys.shardOf(roomId);
    const { isKnown, now, runs } = await this.scripts.run(liveRunsScript, {
      shard: this.keys.shard(shard),
      keys: this.keys.room(roomId, shard),
    });
    return isKnown ? { now, runs } : null;
  }

  async submit(request: AnswerRequest): Promise<AnswerResult> {
    const { roomId, runId, recordVersion, answer, isClamped, standing } = request;
    const shard = this.keys.shardOf(roomId);
    const reply = await this.scripts.run(submitAnswerScript, {
      shard: this.keys.shard(shard),
      keys: this.keys.room(roomId, shard),
      answers: this.keys.answers(roomId, runId, shard),
      roomId,
      runId,
      recordVersion,
      playerId: answer.playerId,
      answerId: answer.answerId,
      receivedAt: answer.receivedAt,
      maxAgeMs: (isClamped ? 2 : 1) * IN_FLIGHT_MS,
      verdict: answer.verdict,
      record: answerText(answer),
      standing,
      earlierKept: EARLIER_ANSWERS_KEPT,
    });
    switch (reply.kind) {
      case 'stored':
        return reply;
      case 'repeated':
        return { kind: 'repeated', now: reply.now, judgement: answerOfText(reply.answer) };
      case 'again': {
        const { now, runs, isEligible, isSettled } = reply;
        const accepted = reply.standing === null ? null : answerOfText(reply.standing);
        return { kind: 'judge-again', now, runs, isEligible, isSettled, standing: accepted };
      }
      default:
        return reply satisfies never;
    }
  }

  async answerOf(roomId: string, runId: RunId, playerId: string): Promise<AnswerRecord | null> {
    const { answers, earlier } = this.keys.answers(roomId, runId, this.keys.shardOf(roomId));
    const [accepted, lines] = await storeCall(() =>
      Promise.all([this.redis.hget(answers, playerId), this.redis.hget(earlier, playerId)]),
    );
    const text = accepted ?? lines?.trimEnd().split('\n').at(-1);
    return text === undefined ? null : answerOfText(text);
  }

  async newestRun(roomId: string, questionId: string): Promise<RunId | null> {
    const shard = shardOfRoom(roomId, this.keys.shards);
    if (shard === null) return null;
    const { runs } = this.keys.room(roomId, shard);
    const runId = await storeCall(() => this.redis.hget(runs, `newest:${questionId}`));
    return runId === null ? null : (Number(runId) as RunId);
  }

  async runs(
    roomId: string,
    runIds?: readonly RunId[],
  ): Promise<{ runs: RunSummary[]; retoldAt: EpochMs | null } | null> {
    const shard = shardOfRoom(roomId, this.keys.shards);
    if (shard === null) return null;
    return this.scripts.run(runsScript, { keys: this.keys.room(roomId, shard), runIds });
  }

  async settledRun(roomId: string, runId: RunId): Promise<SettledRun | null> {
    const shard = this.keys.shardOf(roomId);
    const readRun = () =>
      this.scripts.run(settledRunScript, {
        shard: this.keys.shard(shard),
        keys: this.keys.room(roomId, shard),
        runId,
        retentionMs: this.options.retentionMs,
      });
    if ((await readRun()) === null) return null;
    const keys = this.keys.answers(roomId, runId, shard);
    const answers = await this.valuesOf(keys.answers);
    const earlier = await this.valuesOf(keys.earlier);
    // Read again: if it was forgotten meanwhile, some of its answers were not seen.
    const run = await readRun();
    return run && { ...run, answers: answers.map(answerOfText), earlier: earlier.flatMap(answersOfLines) };
  }

  async erasePlayer(roomId: string, playerId: string): Promise<boolean> {
    const known = await this.runs(roomId);
    if (known === null) return false;
    const shard = this.keys.shardOf(roomId);
    const erased = await this.eraseAnswers(
      roomId,
      playerId,
      known.runs.map(({ runId }) => runId),
    );
    const { isKnown, runIds } = await this.scripts.run(erasePlayerScript, {
      keys: this.keys.room(roomId, shard),
      stirred: this.keys.shard(shard).stirred,
      roomId,
      playerId,
      hasAnswered: erased > 0,
    });
    // Once more: from now on no answer of theirs is stored to any run, but until now one may have been.
    await this.eraseAnswers(roomId, playerId, runIds);
    return isKnown;
  }

  private async eraseAnswers(roomId: string, playerId: string, runIds: readonly number[]): Promise<number> {
    const shard = this.keys.shardOf(roomId);
    let erased = 0;
    for (let i = 0; i < runIds.length; i += ERASED_RUNS_PER_CALL) {
      const some = runIds.slice(i, i + ERASED_RUNS_PER_CALL);
      const answers = some.map((runId) => this.keys.answers(roomId, runId, shard));
      erased += await this.scripts.run(eraseAnswersScript, { answers, playerId });
    }
    return erased;
  }

  /**
   * Every value of a hash that is only ever taken from, in pieces: 5,000 answers at once would keep Redis from firing
   * other rooms' deadlines in time.
   */
  private async valuesOf(key: string): Promise<string[]> {
    const fields = new Map<string, string>();
    let cursor = '0';
    do {
      const [next, flat] = await storeCall(() => this.redis.hscan(key, cursor, 'COUNT', ANSWERS_PER_CALL));
      for (let i = 0; i < flat.length; i += 2) fields.set(flat[i] ?? '', flat[i + 1] ?? '');
      cursor = next;
    } while (cursor !== '0');
    return [...fields.values()];
  }
}

/** The scripts find an answer by its first field. */
export const answerText = ({ answerId, ...answer }: AnswerRecord): string =>
  JSON.stringify({ answerId, ...answer });

export const answerOfText = (text: string): AnswerRecord => JSON.parse(text) as AnswerRecord;

const answersOfLines = (lines: string): AnswerRecord[] => lines.trimEnd().split('\n').map(answerOfText);
