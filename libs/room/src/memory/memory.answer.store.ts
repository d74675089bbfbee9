import {
  after,
  type DurationMs,
  type EpochMs,
  IN_FLIGHT_MS,
  type RoomState,
  type RunId,
} from '#libs/timer-core';
import {
  type AnswerRecord,
  type AnswerRequest,
  type AnswerResult,
  type AnswerStore,
  EARLIER_ANSWERS_KEPT,
  type LiveRuns,
  type RunSummary,
  type SettledRun,
} from '../answer.ports.js';
import { forgetPlayer } from './memory.member.store.js';
import type { MemoryRooms, StoredRoom, StoredRun } from './memory.rooms.js';

/** Answers to the rooms of this process. */
export class MemoryAnswerStore implements AnswerStore {
  constructor(
    private readonly memory: MemoryRooms,
    /** `retentionMs`: how long the answers to a settled run are kept; absent: for ever. */
    private readonly options: { readonly retentionMs?: DurationMs } = {},
  ) {}

  async liveRuns(roomId: string): Promise<LiveRuns | null> {
    const now = await this.memory.enterCall();
    const room = this.memory.kept(roomId);
    return room === null ? null : { now, runs: liveRunsOf(room) };
  }

  async submit({
    roomId,
    runId,
    recordVersion,
    answer,
    isClamped,
    standing,
  }: AnswerRequest): Promise<AnswerResult> {
    const now = await this.memory.enterCall();
    const room = this.memory.kept(roomId);
    const run = room?.runs.get(runId);
    const { playerId } = answer;
    const kept = run?.answers.get(playerId) ?? null;
    const known = [kept, ...(run?.earlier.get(playerId) ?? [])].find(
      (one) => one?.answerId === answer.answerId,
    );
    if (known) return { kind: 'repeated', now, judgement: known };
    const isEligible = room?.players.has(playerId) ?? false;
    const isSettled = run?.settledAt !== undefined;
    const holds =
      run !== undefined &&
      !isSettled &&
      run.record.version === recordVersion &&
      isEligible &&
      (kept?.answerId ?? null) === standing &&
      isInFlight(answer.receivedAt, now, isClamped);
    if (!holds) {
      const runs = room ? liveRunsOf(room) : [];
      return { kind: 'judge-again', now, runs, isEligible, isSettled, standing: kept };
    }
    if (answer.verdict !== 'accepted') {
      keepEarlier(run, answer);
      return { kind: 'stored', now };
    }
    if (kept !== null) keepEarlier(run, kept);
    run.answers.set(playerId, answer);
    this.memory.stirred.add(roomId);
    return { kind: 'stored', now };
  }

  async answerOf(roomId: string, runId: RunId, playerId: string): Promise<AnswerRecord | null> {
    await this.memory.enterCall();
    const run = this.memory.kept(roomId)?.runs.get(runId);
    return run?.answers.get(playerId) ?? run?.earlier.get(playerId)?.at(-1) ?? null;
  }

  async newestRun(roomId: string, questionId: string): Promise<RunId | null> {
    await this.memory.enterCall();
    const runs = [...(this.memory.kept(roomId)?.runs.values() ?? [])];
    return runs.findLast(({ record }) => record.questionId === questionId)?.record.runId ?? null;
  }

  async runs(
    roomId: string,
    runIds?: readonly RunId[],
  ): Promise<{ runs: RunSummary[]; retoldAt: EpochMs | null } | null> {
    await this.memory.enterCall();
    const room = this.memory.kept(roomId);
    if (room === null) return null;
    const { retoldAt = null } = JSON.parse(room.state) as RoomState;
    const runs = [...room.runs.values()].map(({ record, settledAt = null }) => ({
      runId: record.runId,
      questionId: record.questionId,
      settledAt,
    }));
    const isAsked = ({ runId }: RunSummary) => runIds === undefined || runIds.includes(runId);
    return { runs: runs.filter(isAsked), retoldAt };
  }

  async settledRun(roomId: string, runId: RunId): Promise<SettledRun | null> {
    const now = await this.memory.enterCall();
    const run = this.memory.kept(roomId)?.runs.get(runId);
    if (run?.settledAt === undefined) return null;
    const { retentionMs } = this.options;
    if (retentionMs !== undefined && now >= after(run.settledAt, retentionMs)) {
      run.answers.clear();
      run.earlier.clear();
      return null;
    }
    return {
      record: run.record,
      settledAt: run.settledAt,
      correct: run.correct ?? null,
      timeline: [...run.timeline],
      answers: [...run.answers.values()],
      earlier: [...run.earlier.values()].flat(),
    };
  }

  async erasePlayer(roomId: string, playerId: string): Promise<boolean> {
    await this.memory.enterCall();
    const room = this.memory.kept(roomId);
    if (room === null) return false;
    const { players, seats, removed, names } = room;
    const hasAnswered = [...room.runs.values()]
      .flatMap((run) => [run.answers, run.earlier])
      .map((answers) => answers.delete(playerId))
      .includes(true);
    const before = removed.get(playerId);
    const known = seats.get(playerId) ?? players.get(playerId);
    if (!hasAnswered && before === undefined && known === undefined) return false;
    const role = before?.role ?? known?.member.role ?? 'player';
    removed.set(playerId, { removal: before?.removal ?? 'kicked', role, nameKey: '' });
    if (before !== undefined && names.get(before.nameKey) === 'banned') names.delete(before.nameKey);
    forgetPlayer(room, playerId);
    seats.delete(playerId);
    this.memory.stirred.add(roomId);
    return true;
  }
}

/** A map keeps the order in which the runs were started. */
const liveRunsOf = (room: StoredRoom) =>
  [...room.runs.values()]
    .filter((run, i, runs) => run.settledAt === undefined || i === runs.length - 1)
    .map((run) => run.record);

function isInFlight(receivedAt: EpochMs, now: EpochMs, isClamped: boolean): boolean {
  return receivedAt <= now && receivedAt >= after(now, -(isClamped ? 2 : 1) * IN_FLIGHT_MS);
}

function keepEarlier(run: StoredRun, answer: AnswerRecord): void {
  const { playerId } = answer;
  const earlier = [...(run.earlier.get(playerId) ?? []), answer];
  run.earlier.set(playerId, earlier.slice(-EARLIER_ANSWERS_KEPT));
}
