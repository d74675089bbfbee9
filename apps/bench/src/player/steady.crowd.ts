import { fileURLToPath } from 'node:url';
import type { BenchGateway } from '../cluster/bench.cluster.js';
import type { RoomHost } from '../cluster/room.host.js';
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

  /** Starts a question in all rooms at once. */
  async start(plan: Parameters<RoomHost['start']>[0]): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.start(plan)));
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
