import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BenchGateway } from '../cluster/bench.cluster.js';
import type { RoomHost, StartedQuestion } from '../cluster/room.host.js';
import { inParallel } from '../in.parallel.js';
import { BenchWorker } from '../process/bench.worker.js';
import type { SteadyOrders } from './steady.orders.js';

const SCRIPT = fileURLToPath(new URL('./steady.process.main.js', import.meta.url));

/** Players of one kind at one gateway, in a process of their own, and their rooms, which are nobody else's. */
export class SteadyCrowd {
  private readonly worker: BenchWorker<SteadyOrders>;
  private hosts: readonly RoomHost[] = [];

  constructor(
    name: string,
    private readonly gateway: BenchGateway,
    private readonly hasTicks: boolean,
  ) {
    this.worker = new BenchWorker(name, SCRIPT);
  }

  async join(hosts: readonly RoomHost[], perRoom: number): Promise<void> {
    this.hosts = hosts;
    const pins = hosts.map(({ pin }) => pin);
    await this.worker.request('join', { url: this.gateway.url, pins, perRoom, hasTicks: this.hasTicks });
  }

  /** Starts a question in all rooms, a few at a time; with `overMs` one after the other, evenly over so long. */
  async start(plan: Parameters<RoomHost['start']>[0], overMs = 0): Promise<StartedQuestion[]> {
    const fromMs = performance.now();
    return inParallel(this.hosts, async (host, i) => {
      const waitMs = fromMs + (i / this.hosts.length) * overMs - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      return host.start(plan);
    });
  }

  /**
   * Everybody answers the question of their room, each at an instant of their own.
   *
   * @param questions of the rooms in the order in which they were joined
   * @returns how many were accepted
   */
  async answer(questions: readonly StartedQuestion[], forMs: number): Promise<number> {
    return (await this.worker.request('answer', { questions, forMs })).accepted;
  }

  /** Length of the last event of each name, bytes. */
  async sizes(): Promise<SteadyOrders['sizes']['reply']> {
    return this.worker.request('sizes', {});
  }

  /** @returns how many compared their clocks */
  async sync(order: SteadyOrders['sync']['order']): Promise<number> {
    return (await this.worker.request('sync', order)).synced;
  }

  take(): Promise<SteadyOrders['take']['reply']> {
    return this.worker.request('take', {});
  }

  stop(): Promise<void> {
    return this.worker.stop();
  }
}
