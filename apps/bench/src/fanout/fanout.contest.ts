import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type CpuTime, collectGarbage, cpuTimeOf, type MemoryLeft } from '../player/gateway.cost.js';
import { BenchWorker } from '../process/bench.worker.js';
import type { Contestant, FanoutRoom } from './fanout.contestants.js';
import type { ListenOrders } from './listen.orders.js';
import type { HeardTicks } from './room.ticks.js';

const LISTENERS = fileURLToPath(new URL('./listen.process.main.js', import.meta.url));
/** From the last start to the window: whatever is done once is done in it, and each room has ticked. */
const SETTLE_MS = 1_500;
/** The way of the last tick of the window. */
const AFTER_MS = 400;

/** What a server spent while it was looked at. */
export interface Spent extends CpuTime {
  readonly windowMs: number;
}

/** One server's rooms ticked, while those of the others did not. */
export interface Slot {
  /** Of each server, in the order of the contestants. */
  readonly spent: readonly Spent[];
  readonly heard: HeardTicks & { readonly connected: number };
}

/** A server and those who listen to it, in a process of their own. */
export class Stand {
  private readonly listeners: BenchWorker<ListenOrders>;
  private rooms: readonly FanoutRoom[] = [];

  constructor(readonly contestant: Contestant) {
    this.listeners = new BenchWorker(`listeners of ${contestant.name}`, LISTENERS);
  }

  /** Fills more rooms, and tells what the server's memory is then. */
  async fill(rooms: readonly FanoutRoom[], members: number): Promise<MemoryLeft> {
    const { contestant } = this;
    this.rooms = [...this.rooms, ...rooms];
    await this.listeners.request('join', {
      url: contestant.url,
      rooms: rooms.map((room) => ({ payload: contestant.joinOf(room), members })),
    });
    return this.memory();
  }

  /** Twice: what the first collection finalises, the second collects. */
  async memory(): Promise<MemoryLeft> {
    await collectGarbage(this.contestant);
    return collectGarbage(this.contestant);
  }

  /** Its rooms tick for so long, and those of the others do not. */
  async tick(stands: readonly Stand[], tickMs: number, windowMs: number): Promise<Slot> {
    const { contestant, listeners } = this;
    await contestant.startTicks(this.rooms, tickMs);
    await sleep(SETTLE_MS);
    await listeners.request('begin', {});
    const before = await readings(stands);
    await sleep(windowMs);
    const after = await readings(stands);
    await listeners.request('end', {});
    await sleep(AFTER_MS);
    const heard = await listeners.request('take', { tickMs });
    await contestant.stopTicks();
    return { spent: after.map((reading, i) => spentBetween(before[i] ?? reading, reading)), heard };
  }

  async stop(): Promise<void> {
    await this.listeners.stop();
    await this.contestant.stop();
  }
}

interface Reading extends CpuTime {
  readonly atMs: number;
}

const readings = (stands: readonly Stand[]): Promise<Reading[]> =>
  Promise.all(
    stands.map(async ({ contestant }) => ({ ...(await cpuTimeOf(contestant)), atMs: performance.now() })),
  );

const spentBetween = (before: Reading, after: Reading): Spent => ({
  processMs: after.processMs - before.processMs,
  mainMs: after.mainMs - before.mainMs,
  windowMs: after.atMs - before.atMs,
});
