import type { CreateResult } from '#libs/room';
import { type EpochMs, epochMs } from '#libs/timer-core';
import type { FrameParts } from './adapter.frame.js';
import type { ChangeCount } from './change.reader.js';
import { luaScripts } from './generated/lua.scripts.js';
import type { AnswerKeys, RoomKeys, ShardKeys } from './room.keys.js';
import { type ScriptArg, type WireArgs, wireArgs } from './script.command.js';
import { defineScript } from './script.definition.js';

/** A lease as scripts check it; an empty owner id stands for a gateway, which needs none. */
export interface LeaseProof {
  readonly ownerId: string;
  readonly epoch: number;
}

export const NO_LEASE: LeaseProof = { ownerId: '', epoch: 0 };

/** A room as a script found it. */
export interface RawRoom {
  readonly state: string | null;
  readonly content: string | null;
}

const instant = (value: unknown): EpochMs => epochMs(Number(value));
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const list = (value: unknown): unknown[] => {
  if (!Array.isArray(value)) throw new TypeError('a script replied something else than a list');
  return value;
};

/** Splits a flat list into groups of `size`. */
function groups(values: readonly unknown[], size: number): unknown[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
    values.slice(i * size, (i + 1) * size),
  );
}

export const loadScript = defineScript({
  name: 'load',
  lua: luaScripts.load,
  encode: (args: { owner: string; rooms: readonly string[]; withContent: boolean }) => ({
    keys: [args.owner, ...args.rooms],
    argv: [args.withContent ? 1 : 0],
  }),
  parse: (reply): { now: EpochMs; ownedUntilAt: EpochMs; rooms: RawRoom[] } => {
    const [now, until, ...rooms] = list(reply);
    return {
      now: instant(now),
      ownedUntilAt: instant(until),
      rooms: groups(rooms, 2).map(([state, content]) => ({ state: text(state), content: text(content) })),
    };
  },
});

/** What there is of a room besides its state. */
const besideRoom = ({ runs, players, names, presence, counts }: RoomKeys): string[] => [
  runs,
  players,
  names,
  presence,
  counts,
];

export const createRoomScript = defineScript({
  name: 'createRoom',
  lua: luaScripts.createRoom,
  encode: (args: {
    pin: string;
    keys: RoomKeys;
    mayReplaceEnded: boolean;
    shard: ShardKeys;
    roomId: string;
    version: number;
    state: string;
    settings: string;
    nextAt: EpochMs;
    limit: number;
  }) => ({
    keys: [
      args.pin,
      args.keys.room,
      args.shard.due,
      args.shard.changes,
      args.shard.owner,
      ...(args.mayReplaceEnded ? besideRoom(args.keys) : []),
    ],
    argv: [args.roomId, args.version, args.state, args.settings, args.nextAt, args.limit],
  }),
  parse: (reply) => reply as CreateResult,
});

export interface CommitEntry {
  readonly keys: RoomKeys;
  readonly pin: string;
  readonly roomId: string;
  readonly expected: number;
  readonly notBeforeAt: number;
  readonly notAfterAt: number;
  readonly version: number;
  readonly state: string;
  /** Null when the room is over. */
  readonly nextAt: EpochMs | '+inf' | null;
  readonly content: string | null | undefined;
  /** Set when the room is over. */
  readonly retentionMs: number | null;
  readonly runs: readonly {
    runId: number;
    record: string;
    settlesAt: EpochMs | null;
    correct: string;
    /** What it adds: JSON lines, each with its end. */
    timeline: string;
  }[];
  readonly events: readonly ({ channel: string } & FrameParts)[];
}

export type CommitReply =
  | 'fence'
  | { readonly why: '' | 'version' | 'window' | 'gone'; readonly current: RawRoom }[];

const contentOp = (content: string | null | undefined): string => {
  if (content === undefined) return 'keep';
  return content === null ? 'drop' : 'set';
};

/** The part of the script's keys and arguments that is one commit. */
export interface EncodedCommit {
  readonly keys: WireArgs;
  readonly argv: WireArgs;
}

export function encodeCommit(entry: CommitEntry): EncodedCommit {
  const { keys, pin, runs, events } = entry;
  const argv: ScriptArg[] = [
    entry.roomId,
    entry.expected,
    entry.notBeforeAt,
    entry.notAfterAt,
    entry.version,
    entry.state,
    entry.nextAt ?? '',
    contentOp(entry.content),
    entry.content ?? '',
    entry.retentionMs ?? '',
    runs.length,
    events.length,
  ];
  for (const run of runs) {
    argv.push(run.runId, run.record, run.settlesAt ?? '', run.correct, run.timeline);
  }
  for (const event of events) {
    argv.push(event.channel, event.head, event.remaining, event.content, event.tail);
  }
  const isOver = entry.retentionMs !== null;
  return {
    keys: wireArgs(
      isOver
        ? [keys.room, keys.runs, pin, keys.players, keys.names, keys.presence, keys.counts]
        : [keys.room, keys.runs],
    ),
    argv: wireArgs(argv),
  };
}

const COMMITTED = { why: '', current: { state: null, content: null } } as const;

export const commitScript = defineScript({
  name: 'commit',
  lua: luaScripts.commit,
  encode: (args: {
    shard: ShardKeys;
    lease: LeaseProof;
    pinReservedMs: number;
    commits: readonly EncodedCommit[];
  }) => {
    const { ownerId, epoch } = args.lease;
    const argv = wireArgs([ownerId, epoch, args.pinReservedMs]);
    return {
      keys: [args.shard.owner, args.shard.due, args.shard.changes],
      moreKeys: args.commits.map((commit) => commit.keys),
      argv: [argv, ...args.commits.map((commit) => commit.argv)],
    };
  },
  parse: (reply): { now: EpochMs; ownedUntilAt: EpochMs; results: CommitReply } => {
    const [now, until, ...results] = list(reply);
    if (until === 'fence') return { now: instant(now), ownedUntilAt: epochMs(0), results: 'fence' };
    return {
      now: instant(now),
      ownedUntilAt: instant(until),
      results: results.map((result) => {
        if (result === '') return COMMITTED;
        const [why, state, content] = list(result);
        return {
          why: why as 'version' | 'window' | 'gone',
          current: { state: text(state), content: text(content) },
        };
      }),
    };
  },
});

/** The part of the script's keys and arguments that is one tick; the same for all ticks of one state. */
export interface EncodedTick {
  readonly key: WireArgs;
  readonly argv: WireArgs;
}

export const encodeTick = (tick: {
  room: string;
  version: number;
  channel: string;
  head: string;
  endsAt: EpochMs;
}): EncodedTick => ({
  key: wireArgs([tick.room]),
  argv: wireArgs([tick.version, tick.channel, tick.head, tick.endsAt]),
});

export const tickScript = defineScript({
  name: 'tick',
  lua: luaScripts.tick,
  mayWait: true,
  encode: (args: { owner: string; lease: LeaseProof; tail: string; ticks: readonly EncodedTick[] }) => ({
    keys: [args.owner],
    moreKeys: args.ticks.map((tick) => tick.key),
    argv: [
      wireArgs([args.lease.ownerId, args.lease.epoch, args.tail]),
      ...args.ticks.map((tick) => tick.argv),
    ],
  }),
  parse: (reply): { now: EpochMs; ownedUntilAt: EpochMs; unsent: 'fence' | Map<number, string | null> } => {
    const [now, until, ...unsent] = list(reply);
    if (until === 'fence') return { now: instant(now), ownedUntilAt: epochMs(0), unsent: 'fence' };
    return {
      now: instant(now),
      ownedUntilAt: instant(until),
      unsent: new Map(groups(unsent, 2).map(([number, state]) => [Number(number), text(state) || null])),
    };
  },
});

export const dueScript = defineScript({
  name: 'due',
  lua: luaScripts.due,
  encode: (args: { shard: ShardKeys; lease: LeaseProof; limit: number }) => ({
    keys: [args.shard.owner, args.shard.due, args.shard.changes],
    argv: [args.lease.ownerId, args.lease.epoch, args.limit],
  }),
  parse: (
    reply,
  ): 'fence' | { now: EpochMs; changes: ChangeCount; entries: { name: string; at: EpochMs }[] } => {
    const [now, added, lastId, ...entries] = list(reply);
    if (added === 'fence') return 'fence';
    return {
      now: instant(now),
      changes: { added: Number(added), lastId: String(lastId) },
      entries: groups(entries, 2).map(([name, at]) => ({ name: String(name), at: instant(at) })),
    };
  },
});

export const settleScript = defineScript({
  name: 'settle',
  lua: luaScripts.settle,
  mayWait: true,
  encode: (args: {
    shard: ShardKeys;
    lease: LeaseProof;
    retentionMs: number;
    isQueued: boolean;
    runs: readonly { keys: RoomKeys; answers: AnswerKeys; entry: string; runId: number }[];
  }) => ({
    keys: [
      args.shard.owner,
      args.shard.due,
      ...args.runs.flatMap(({ keys, answers }) => [keys.runs, answers.answers, answers.earlier, keys.room]),
    ],
    argv: [
      args.lease.ownerId,
      args.lease.epoch,
      args.retentionMs,
      args.isQueued ? 1 : 0,
      ...args.runs.flatMap(({ entry, runId }) => [entry, runId]),
    ],
  }),
  parse: (reply) => reply as ('settled' | 'already' | 'early' | 'unqueued')[] | 'fence',
});

export const leaseScript = defineScript({
  name: 'lease',
  lua: luaScripts.lease,
  encode: (args: { owner: string; lease: LeaseProof; leaseMs: number }) => ({
    keys: [args.owner],
    argv: [args.lease.ownerId, args.lease.epoch, args.leaseMs],
  }),
  parse: (
    reply,
  ): {
    held: boolean;
    epoch: number;
    untilAt: EpochMs;
    now: EpochMs;
    unknownRun: string | undefined;
    heldBeforeUntilAt: EpochMs;
  } => {
    const [held, epoch, untilAt, now, redisRun, heldBefore] = list(reply);
    return {
      held: held === 1,
      epoch: Number(epoch),
      untilAt: instant(untilAt),
      now: instant(now),
      unknownRun: redisRun === '' ? undefined : String(redisRun),
      heldBeforeUntilAt: instant(heldBefore),
    };
  },
});

export const confirmRunScript = defineScript({
  name: 'confirmRun',
  lua: luaScripts.confirmRun,
  encode: (args: { owner: string; lease: LeaseProof; redisRun: string }) => ({
    keys: [args.owner],
    argv: [args.lease.ownerId, args.lease.epoch, args.redisRun],
  }),
  parse: (reply): boolean => reply === 1,
});

export const releaseScript = defineScript({
  name: 'release',
  lua: luaScripts.release,
  encode: (args: { owner: string; lease: LeaseProof; channel: string; shard: number }) => ({
    keys: [args.owner],
    argv: [args.lease.ownerId, args.lease.epoch, args.channel, args.shard],
  }),
  parse: (reply): boolean => reply === 1,
});

export const beatScript = defineScript({
  name: 'beat',
  lua: luaScripts.beat,
  encode: (args: { schedulers: string; ownerId: string; lifetimeMs: number }) => ({
    keys: [args.schedulers],
    argv: [args.ownerId, args.lifetimeMs],
  }),
  parse: (reply): string[] => list(reply).map(String),
});

export const clockScript = defineScript({
  name: 'clock',
  lua: luaScripts.clock,
  encode: (args: { owner: string }) => ({ keys: [args.owner], argv: [] }),
  parse: (reply): { serverAt: number; correction: string } => {
    const [serverAt, correction] = list(reply);
    return { serverAt: Number(serverAt), correction: String(correction) };
  },
});

export const correctClockScript = defineScript({
  name: 'correctClock',
  lua: luaScripts.correctClock,
  encode: (args: { owner: string; lease: LeaseProof; seen: string; correction: number }) => ({
    keys: [args.owner],
    argv: [args.lease.ownerId, args.lease.epoch, args.seen, args.correction],
  }),
  parse: (reply): boolean => reply === 1,
});
