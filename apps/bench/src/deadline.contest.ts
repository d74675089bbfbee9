import { setTimeout as sleep } from 'node:timers/promises';
import { CLOSED_EVENT, type ClosingReport, judgeClosings } from './closing.observer.js';
import { type BenchCluster, startCluster } from './cluster/bench.cluster.js';
import { ContestArena } from './contest.arena.js';
import type { Contestant, RunningContestant } from './contestants/contestant.types.js';
import type { DeadlineClients, SeenByClients } from './deadlines.clients.js';
import { dueInstants, type Load, parseLoad, spreadOver } from './deadlines.loads.js';
import { type CpuSpent, cpuReading, spentBetween } from './stats/cpu.time.js';
import { CannotRun } from './suite.types.js';

/** Rooms of the round that is not measured: code is compiled and scripts are loaded in it. */
export const WARM_UP_ROOMS = 50;
/** As in production: members of one room are at several. */
export const GATEWAYS = 2;
/**
 * From planning to the first deadline: time to start every room, which takes about twice as long as creating it, to tell the
 * contestant of it, and then quiet. A smoke run, whose times mean nothing, also has time for a machine that stands still.
 */
const LEAD_MS = { full: 1_500, smoke: 5_000 } as const;
const LEAD_PER_CREATION = 5;
/** Longer than an owner makes closings ready ahead: that is part of what they cost. */
const QUIET_MS = 700;
/** So long after the last closing a second one of a room would still be heard: owners look anew every 500 ms. */
const LINGER_MS = 1_200;
/** Closings that are later than that count as lost. */
const GIVE_UP_MS = 30_000;

export interface ContestOptions {
  readonly url: string;
  readonly prefix: string;
  readonly loads: readonly Load[];
  readonly isSmoke: boolean;
  readonly clients: DeadlineClients;
  /** So many rooms have a client. */
  readonly clientRooms: number;
  readonly random: () => number;
  readonly nodeArgs: readonly string[];
  /** Rejects when the contest has to end before its time. */
  readonly aborted: Promise<never>;
}

/** What became of one load. */
export interface ContestReport {
  readonly closings: ClosingReport;
  readonly clients: SeenByClients;
  /** From before the first deadline until the last closing. */
  readonly cpu: CpuSpent;
}

interface Scene extends ContestOptions {
  readonly arena: ContestArena;
  readonly urls: readonly string[];
  readonly running: RunningContestant;
}

/** All loads of one contestant, one after the other. */
export async function runContest(
  contestant: Contestant,
  options: ContestOptions,
): Promise<readonly ContestReport[]> {
  const { url, prefix, loads, isSmoke, nodeArgs, aborted } = options;
  const arena = await ContestArena.open(url, prefix, nodeArgs);
  try {
    return await withProcesses(arena, contestant, async (running, cluster) => {
      const died = running.ended.then((how): never => {
        throw new CannotRun(how);
      });
      died.catch(() => {}); // also at its wanted end, when nobody listens any more
      const urls = cluster.gateways.map((gateway) => gateway.url);
      const scene: Scene = { ...options, arena, urls, running };
      const play = (load: Load) => Promise.race([playRound(scene, load), died, cluster.died, aborted]);
      const warmUp = isSmoke ? undefined : await play(parseLoad(`${WARM_UP_ROOMS}`));
      const reports: ContestReport[] = [];
      for (const load of loads) reports.push(await play(load));
      return warmUp === undefined ? reports : withBroken(warmUp, reports);
    });
  } finally {
    await arena.close();
  }
}

/** Of the warm-up only the broken promises count; they are the first load's. */
function withBroken(
  { closings, clients }: ContestReport,
  [first, ...others]: readonly ContestReport[],
): ContestReport[] {
  if (first === undefined) return [];
  const both = (key: 'lost' | 'doubled' | 'early' | 'wrong') => [...closings[key], ...first.closings[key]];
  return [
    {
      ...first,
      closings: {
        ...first.closings,
        lost: both('lost'),
        doubled: both('doubled'),
        early: both('early'),
        wrong: both('wrong'),
      },
      clients: { ...first.clients, lost: [...clients.lost, ...first.clients.lost] },
    },
    ...others,
  ];
}

/** Gateways without a scheduler, and the contestant instead. */
async function withProcesses<T>(
  arena: ContestArena,
  contestant: Contestant,
  work: (running: RunningContestant, cluster: BenchCluster) => Promise<T>,
): Promise<T> {
  const [cluster, running] = await Promise.allSettled([
    startCluster({
      redisUrl: arena.url,
      prefix: arena.prefix,
      gateways: GATEWAYS,
      hasScheduler: false,
      gatewayEnv: { QUIZBELL_SHARDS: `${arena.shards}` },
    }),
    contestant.start(arena),
  ]);
  try {
    if (cluster.status === 'rejected') throw cluster.reason;
    if (running.status === 'rejected') throw running.reason;
    return await work(running.value, cluster.value);
  } finally {
    if (running.status === 'fulfilled') await running.value.stop();
    if (cluster.status === 'fulfilled') await cluster.value.stop();
  }
}

/** One load, from the creation of its rooms to the judgement. */
async function playRound(scene: Scene, load: Load): Promise<ContestReport> {
  const { arena, running, clients, clientRooms, urls, url, random, isSmoke } = scene;
  const startedMs = performance.now();
  const rooms = await arena.createRooms(load.rooms);
  const creationMs = performance.now() - startedMs;
  await clients.join(spreadOver(rooms, clientRooms), urls);

  const leadMs = LEAD_MS[isSmoke ? 'smoke' : 'full'] + LEAD_PER_CREATION * creationMs;
  const firstAt = Math.ceil(arena.now() + leadMs);
  const instants = dueInstants(load, firstAt, random);
  const lastAt = Math.max(...instants);
  const due = await arena.startQuestions(
    rooms.map(({ roomId }, i) => ({ roomId, endsAt: instants[i] ?? firstAt })),
  );
  await running.schedule(due);
  const roomIds = due.map(({ roomId }) => roomId);
  await arena.listen(roomIds);
  await arena.synchronise();
  await clients.note(url);
  if (arena.now() > firstAt - QUIET_MS) {
    throw new CannotRun(`Starting ${load.rooms} rooms took too long: the machine is too busy to measure on.`);
  }
  await sleep(firstAt - QUIET_MS - arena.now());
  const before = await cpuReading(running, arena);
  const giveUpMs = lastAt - arena.now() + GIVE_UP_MS;
  await Promise.race([arena.heard(CLOSED_EVENT, load.rooms), sleep(giveUpMs, undefined, { ref: false })]);
  const cpu = spentBetween(before, await cpuReading(running, arena));
  await sleep(LINGER_MS);
  return { closings: judgeClosings(due, arena.received()), clients: await clients.take(due), cpu };
}
