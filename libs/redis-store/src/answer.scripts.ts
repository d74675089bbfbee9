import { type EpochMs, epochMs, type RunRecord } from '#libs/timer-core';
import { luaScripts } from './generated/lua.scripts.js';
import type { AnswerKeys, RoomKeys, ShardKeys } from './room.keys.js';
import { defineScript } from './script.definition.js';

const records = (reply: readonly unknown[]): RunRecord[] =>
  reply.filter((record) => typeof record === 'string').map((record) => JSON.parse(record) as RunRecord);

export const liveRunsScript = defineScript({
  name: 'liveRuns',
  lua: luaScripts.liveRuns,
  encode: (args: { shard: ShardKeys; keys: RoomKeys }) => ({
    keys: [args.shard.owner, args.keys.room, args.keys.runs],
    argv: [],
  }),
  parse: (reply): { now: EpochMs; isKnown: boolean; runs: RunRecord[] } => {
    const [now, isKnown, ...runs] = reply as unknown[];
    return { now: epochMs(Number(now)), isKnown: isKnown === 1, runs: records(runs) };
  },
});

export type SubmitReply =
  | { readonly kind: 'stored'; readonly now: EpochMs }
  | { readonly kind: 'repeated'; readonly now: EpochMs; readonly answer: string }
  | {
      readonly kind: 'again';
      readonly now: EpochMs;
      readonly isEligible: boolean;
      readonly standing: string | null;
      readonly isSettled: boolean;
      readonly runs: RunRecord[];
    };

export const submitAnswerScript = defineScript({
  name: 'submitAnswer',
  lua: luaScripts.submitAnswer,
  mayWait: true,
  encode: (args: {
    shard: ShardKeys;
    keys: RoomKeys;
    answers: AnswerKeys;
    roomId: string;
    runId: number;
    recordVersion: number;
    playerId: string;
    answerId: string;
    receivedAt: EpochMs;
    maxAgeMs: number;
    verdict: string;
    record: string;
    standing: string | null;
    earlierKept: number;
  }) => ({
    keys: [
      args.shard.owner,
      args.keys.runs,
      args.keys.players,
      args.answers.answers,
      args.answers.earlier,
      args.shard.stirred,
    ],
    argv: [
      args.roomId,
      args.runId,
      // As `JSON.stringify` writes it into the record, between two other fields.
      `,"version":${args.recordVersion},`,
      args.playerId,
      args.answerId,
      args.receivedAt,
      args.maxAgeMs,
      args.verdict,
      args.record,
      args.standing ?? '',
      args.earlierKept,
    ],
  }),
  parse: (reply): SubmitReply => {
    const [at, kind, ...rest] = reply as unknown[];
    const now = epochMs(Number(at));
    if (kind === 'stored') return { kind, now };
    if (kind === 'repeated') return { kind, now, answer: String(rest[0]) };
    const [isMember, standing, isSettled, ...runs] = rest;
    return {
      kind: 'again',
      now,
      isEligible: isMember === 1,
      standing: typeof standing === 'string' ? standing : null,
      isSettled: isSettled === 1,
      runs: records(runs),
    };
  },
});
