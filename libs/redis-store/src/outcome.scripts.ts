import type { RunSummary, SettledRun } from '#libs/room';
import {
  type EpochMs,
  epochMs,
  type RoomState,
  type RunId,
  type RunRecord,
  type TimelineEntry,
} from '#libs/timer-core';
import { luaScripts } from './generated/lua.scripts.js';
import type { AnswerKeys, RoomKeys, ShardKeys } from './room.keys.js';
import { defineScript } from './script.definition.js';

const instant = (value: unknown): EpochMs | null =>
  typeof value === 'string' ? epochMs(Number(value)) : null;

export const runsScript = defineScript({
  name: 'runs',
  lua: luaScripts.runs,
  encode: (args: { keys: RoomKeys; runIds: readonly RunId[] | undefined }) => ({
    keys: [args.keys.room, args.keys.runs],
    argv: args.runIds ?? ['all'],
  }),
  parse: (reply): { runs: RunSummary[]; retoldAt: EpochMs | null } | null => {
    if (reply === null) return null;
    const [state, ...fields] = reply as unknown[];
    const { retoldAt = null } = JSON.parse(String(state)) as RoomState;
    const runs = Array.from({ length: fields.length / 2 }, (_, i): RunSummary => {
      const { runId, questionId } = JSON.parse(String(fields[2 * i])) as RunRecord;
      return { runId, questionId, settledAt: instant(fields[2 * i + 1]) };
    });
    return { runs: runs.sort((a, b) => a.runId - b.runId), retoldAt };
  },
});

export const settledRunScript = defineScript({
  name: 'settledRun',
  lua: luaScripts.settledRun,
  encode: (args: { shard: ShardKeys; keys: RoomKeys; runId: RunId; retentionMs: number }) => ({
    keys: [args.shard.owner, args.keys.runs],
    argv: [args.runId, args.retentionMs],
  }),
  parse: (reply): Omit<SettledRun, 'answers' | 'earlier'> | null => {
    if (reply === null) return null;
    const [record, settledAt, correct, timeline] = reply as unknown[];
    return {
      record: JSON.parse(String(record)) as RunRecord,
      settledAt: epochMs(Number(settledAt)),
      correct: typeof correct === 'string' ? correct : null,
      timeline: String(timeline)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as TimelineEntry),
    };
  },
});

export const erasePlayerScript = defineScript({
  name: 'erasePlayer',
  lua: luaScripts.erasePlayer,
  encode: (args: {
    keys: RoomKeys;
    stirred: string;
    roomId: string;
    playerId: string;
    hasAnswered: boolean;
  }) => {
    const { room, runs, players, names, presence, counts } = args.keys;
    return {
      keys: [room, runs, players, names, presence, counts, args.stirred],
      argv: [args.roomId, args.playerId, args.hasAnswered ? 1 : 0],
    };
  },
  parse: (reply): { isKnown: boolean; runIds: number[] } => {
    const [isKnown, ...runIds] = reply as unknown[];
    return { isKnown: isKnown === 1, runIds: runIds.map(Number) };
  },
});

export const eraseAnswersScript = defineScript({
  name: 'eraseAnswers',
  lua: luaScripts.eraseAnswers,
  encode: (args: { answers: readonly AnswerKeys[]; playerId: string }) => ({
    keys: args.answers.flatMap(({ answers, earlier }) => [answers, earlier]),
    argv: [args.playerId],
  }),
  parse: (reply): number => Number(reply),
});

export const firstBodyScript = defineScript({
  name: 'firstBody',
  lua: luaScripts.firstBody,
  encode: (args: { keys: RoomKeys; runId: number; digest: string }) => ({
    keys: [args.keys.runs],
    argv: [args.runId, args.digest],
  }),
  parse: (reply) => reply as string | null,
});
