import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ContestArena } from '../contest.arena.js';
import { quizbellContestant } from '../contestants/quizbell.contestant.js';
import { dueInstants } from '../deadlines.loads.js';
import { BenchWorker } from '../process/bench.worker.js';
import { type CpuSpent, cpuReading, spentBetween } from '../stats/cpu.time.js';
import { CannotRun } from '../suite.types.js';
import type { EmitOrders } from './emit.orders.js';
import { judgeTicks, type TickingRoom, type TickReport } from './tick.observer.js';

/** The protocol's default: a tick a second. */
export const TICK_MS = 1_000;
/** No question ends while it is measured. */
const QUESTION_MS = 600_000;
/** From the last start to the window: what is done for the first time is done in it. */
const SETTLE_MS = 2_000;
/** Ticks that are later than half an interval are not sent; then their way to the subscriber. */
const AFTER_MS = TICK_MS / 2 + 300;
const EMITTER = fileURLToPath(new URL('./emit.process.main.js', import.meta.url));

export interface TickContestOptions {
  readonly url: string;
  readonly prefix: string;
  readonly rooms: number;
  readonly seconds: number;
  readonly random: () => number;
  /** For the scheduler's process. */
  readonly nodeArgs: readonly string[];
  readonly aborted: Promise<never>;
}

/** What became of the ticks of one size. */
export interface TickContestReport {
  readonly ticks: TickReport;
  readonly cpu: CpuSpent;
}

/** Something that sends the ticks of rooms, in a process of its own. */
export interface Ticker {
  readonly name: 'quizbell' | 'socket.io';
  /** Resolves when it ticks. */
  start(arena: ContestArena, rooms: readonly TickingRoom[]): Promise<RunningTicker>;
}

export interface RunningTicker {
  /** Rejects when its process ends by itself; else never settles. */
  readonly died: Promise<never>;
  /** What its process has used since it began. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/** The scheduler as it is deployed, with questions that have ticks. */
export const quizbellTicker: Ticker = {
  name: 'quizbell',
  async start(arena, rooms) {
    const running = await quizbellContestant.start(arena);
    const died = running.ended.then((how): never => {
      throw new CannotRun(how);
    });
    died.catch(() => {}); // also at its wanted end, when nobody listens any more
    try {
      await arena.startQuestions(rooms, TICK_MS);
    } catch (failure) {
      await running.stop();
      throw failure;
    }
    return { died, cpuMs: () => running.cpuMs(), stop: () => running.stop() };
  },
};

/** One emit a room by a Socket.IO server that has no clients. */
export const emitTicker: Ticker = {
  name: 'socket.io',
  async start(arena, rooms) {
    const worker = new BenchWorker<EmitOrders>('emitter', EMITTER);
    try {
      await worker.request('start', {
        redisUrl: arena.url,
        prefix: arena.prefix,
        tickMs: TICK_MS,
        rooms: rooms.map((room) => ({ ...room, socketRoom: arena.socketRoom(room.roomId, 'ticks') })),
      });
    } catch (failure) {
      await worker.stop();
      throw failure;
    }
    return {
      died: new Promise(() => {}), // `cpu` finds it
      cpuMs: async () => (await worker.request('cpu', {})).cpuMs,
      stop: () => worker.stop(),
    };
  },
};

/** One size of one contestant. */
export async function runTickContest(
  ticker: Ticker,
  options: TickContestOptions,
): Promise<TickContestReport> {
  const { url, prefix, nodeArgs, aborted } = options;
  const arena = await ContestArena.open(url, prefix, nodeArgs);
  try {
    const rooms = await tickingRooms(arena, options);
    const running = await ticker.start(arena, rooms);
    try {
      return await Promise.race([measureTicks(arena, running, rooms, options), running.died, aborted]);
    } finally {
      await running.stop();
    }
  } finally {
    await arena.close();
  }
}

async function tickingRooms(
  arena: ContestArena,
  { rooms: count, random }: TickContestOptions,
): Promise<TickingRoom[]> {
  return withDeadlines(await arena.createRooms(count), arena.now(), random);
}

/** Deadlines, and with them ticks, lie evenly over the interval; which room has which, is drawn. */
export function withDeadlines(
  rooms: readonly { readonly roomId: string }[],
  now: number,
  random: () => number,
): TickingRoom[] {
  const firstEndsAt = Math.ceil(now) + QUESTION_MS;
  const perSecond = (rooms.length * 1_000) / TICK_MS;
  const instants = dueInstants({ name: '', rooms: rooms.length, perSecond }, firstEndsAt, random);
  return rooms.map(({ roomId }, i) => ({ roomId, endsAt: instants[i] ?? firstEndsAt }));
}

/** What becomes of the ticks of rooms that are open already, and what they cost, for so many seconds. */
export async function measureTicks(
  arena: ContestArena,
  running: Pick<RunningTicker, 'cpuMs'>,
  rooms: readonly TickingRoom[],
  { seconds }: Pick<TickContestOptions, 'seconds'>,
): Promise<TickContestReport> {
  await arena.synchronise();
  await arena.listen(
    rooms.map(({ roomId }) => roomId),
    'ticks',
  );
  const fromAt = Math.ceil(arena.now()) + SETTLE_MS;
  const untilAt = fromAt + seconds * 1_000;
  await sleep(fromAt - arena.now());
  const before = await cpuReading(running, arena);
  await sleep(untilAt - arena.now());
  const cpu = spentBetween(before, await cpuReading(running, arena));
  await sleep(AFTER_MS);
  const frames = arena.received();
  return { ticks: judgeTicks(rooms, frames, { fromAt, untilAt, tickMs: TICK_MS }), cpu };
}
