import { fileURLToPath } from 'node:url';
import { BenchWorker } from '../process/bench.worker.js';
import type { BareOrders } from './bare.orders.js';

const SCRIPT = fileURLToPath(new URL('./bare.process.main.js', import.meta.url));

/** A Socket.IO server with the Redis adapter and nothing else, in a process of its own. */
export class BareServer {
  private constructor(
    private readonly worker: BenchWorker<BareOrders>,
    readonly url: string,
  ) {}

  static async start(order: BareOrders['listen']['order']): Promise<BareServer> {
    const worker = new BenchWorker<BareOrders>('bare Socket.IO', SCRIPT);
    try {
      const { url } = await worker.request('listen', order);
      return new BareServer(worker, url);
    } catch (failure) {
      await worker.stop();
      throw failure;
    }
  }

  async cpuMs(): Promise<number> {
    return (await this.worker.request('cpu', {})).cpuMs;
  }

  stop(): Promise<void> {
    return this.worker.stop();
  }
}
