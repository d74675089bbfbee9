import { setTimeout as sleep } from 'node:timers/promises';
import { shardOfRoom } from '#libs/room';
import { ContestArena } from '../contest.arena.js';
import { startScheduler } from '../contestants/quizbell.contestant.js';
import type { GuardedChild } from '../process/guarded.child.js';
import { CannotRun } from '../suite.types.js';
import { TICK_MS, withDeadlines } from '../ticks/tick.contest.js';
import type { TickingRoom } from '../ticks/tick.observer.js';
import { judgeTakeOver, type TakeOverReport } from './take.over.judge.js';

/** Some ticks before each kill. */
const BEFORE_MS = 500;
/** From the moment at which all shards have an owner again: each room has had a tick long before. */
const AFTER_MS = 2_500;
/** A lease is seen so much too late at most. */
const LOOK_MS = 10;
const OWNED_WITHIN_MS = 30_000;

export interface TakeOverOptions {
  readonly url: string;
  readonly prefix: string;
  readonly rooms: number;
  readonly kills: number;
  readonly random: () => number;
  readonly aborted: Promise<never>;
  readonly measured: (report: TakeOverReport) => void;
}

/** One of the two schedulers that share the shards. */
interface Living {
  readonly child: GuardedChild;
  /** Its name in leases. */
  readonly owner: string;
}

/** All rooms have a question with ticks, and two schedulers share the shards; the older one is killed, again and again. */
export async function measureTakeOvers(options: TakeOverOptions): Promise<TakeOverReport[]> {
  const { url, prefix, rooms: count, random, aborted } = options;
  const arena = await ContestArena.open(url, prefix, []);
  const children: GuardedChild[] = [];
  try {
    const rooms = withDeadlines(await arena.createRooms(count), arena.now(), random);
    return await Promise.race([killThem(arena, rooms, children, options), aborted]);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await arena.close();
  }
}

async function killThem(
  arena: ContestArena,
  rooms: readonly TickingRoom[],
  children: GuardedChild[],
  { kills, measured }: TakeOverOptions,
): Promise<TakeOverReport[]> {
  let older = await join(arena, children, []);
  await arena.startQuestions(rooms, TICK_MS);
  const reports: TakeOverReport[] = [];
  while (reports.length < kills) {
    const newer = await join(arena, children, [older.owner]);
    const report = await kill(arena, rooms, older);
    measured(report);
    reports.push(report);
    older = newer;
  }
  return reports;
}

/** Starts a scheduler and waits until it has its share of the shards. */
async function join(
  arena: ContestArena,
  children: GuardedChild[],
  others: readonly string[],
): Promise<Living> {
  const child = startScheduler(arena);
  children.push(child);
  const share = Math.floor(arena.shards / (others.length + 1));
  const giveUpMs = performance.now() + OWNED_WITHIN_MS;
  while (performance.now() < giveUpMs && !child.hasEnded) {
    const owners = await livingOwners(arena);
    const its = owners.filter((owner) => owner !== null && !others.includes(owner));
    if (its.length >= share && !owners.includes(null)) return { child, owner: its[0] ?? '' };
    await sleep(LOOK_MS);
  }
  throw new CannotRun(
    child.hasEnded ? await child.ended : 'A scheduler did not get its share of the shards.',
  );
}

/** By shard; null while nobody has it. */
async function livingOwners(arena: ContestArena): Promise<(string | null)[]> {
  return (await arena.leases()).map(({ owner, until }) => (until > arena.now() ? owner : null));
}

async function kill(
  arena: ContestArena,
  rooms: readonly TickingRoom[],
  { child, owner: dead }: Living,
): Promise<TakeOverReport> {
  await arena.synchronise();
  await arena.listen(
    rooms.map(({ roomId }) => roomId),
    'ticks',
  );
  await sleep(BEFORE_MS);
  const shards = (await livingOwners(arena)).flatMap((owner, shard) => (owner === dead ? [shard] : []));
  const killedAt = arena.now();
  child.signal('SIGKILL');
  const takenAt = await takenOver(arena, shards, dead);
  await sleep(AFTER_MS);
  const frames = arena.received();
  const its = rooms.flatMap(({ roomId }) => {
    const shard = shardOfRoom(roomId, arena.shards);
    return shard !== null && shards.includes(shard) ? [{ roomId, shard }] : [];
  });
  return judgeTakeOver(its, frames, { killedAt, takenAt });
}

async function takenOver(
  arena: ContestArena,
  shards: readonly number[],
  dead: string,
): Promise<Map<number, number>> {
  const takenAt = new Map<number, number>();
  const giveUpAt = arena.now() + OWNED_WITHIN_MS;
  while (takenAt.size < shards.length && arena.now() < giveUpAt) {
    await sleep(LOOK_MS);
    const owners = await livingOwners(arena);
    for (const shard of shards) {
      const owner = owners[shard] ?? null;
      if (owner !== null && owner !== dead && !takenAt.has(shard)) takenAt.set(shard, arena.now());
    }
  }
  return takenAt;
}
