import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { syncClock } from '../players/clock.sync.js';
import { RawPlayer } from '../players/raw.player.js';
import type { Truth } from './device.orders.js';

const SAMPLES = 20;
const REFRESH_MS = 3_000;
const US_PER_MS = 1_000;
const MS_PER_SECOND = 1_000;

/**
 * The server's clock, which is that of Redis, read from Redis itself on the same machine and over no proxy: neither by the
 * code nor by the connection that is measured.
 */
export class ServerTruth {
  private offsetMs: number | null = null;
  private uncertaintyMs = 0;
  private movedMs = 0;
  private gatewayOffMs = 0;
  private isStopped = false;

  private constructor(
    private readonly redis: Redis,
    private readonly gateway: RawPlayer,
  ) {}

  static async connect(redisUrl: string, gatewayUrl: string): Promise<ServerTruth> {
    const truth = new ServerTruth(new Redis(redisUrl), await RawPlayer.connect(gatewayUrl));
    await truth.compare();
    void truth.refresh();
    return truth;
  }

  /** The server's instant, epoch milliseconds with fractions. */
  now(): number {
    return performance.now() + (this.offsetMs ?? Number.NaN);
  }

  get quality(): Truth {
    const { uncertaintyMs, movedMs, gatewayOffMs } = this;
    return { uncertaintyMs, movedMs, gatewayOffMs };
  }

  stop(): void {
    this.isStopped = true;
    this.redis.disconnect();
    this.gateway.close();
  }

  /** Anew and anew: clocks drift apart, and the machine's may be slewed meanwhile. */
  private async refresh(): Promise<void> {
    for (;;) {
      await sleep(REFRESH_MS, undefined, { ref: false });
      if (this.isStopped) return;
      try {
        await this.compare();
      } catch (failure) {
        // What was on its way at the stop does not come any more.
        if (!this.isStopped) throw failure;
      }
    }
  }

  private async compare(): Promise<void> {
    let low = Number.NEGATIVE_INFINITY;
    let high = Number.POSITIVE_INFINITY;
    for (let i = 0; i < SAMPLES; i++) {
      const sentAt = performance.now();
      const [seconds, microseconds] = await this.redis.time();
      const receivedAt = performance.now();
      const serverAt = Number(seconds) * MS_PER_SECOND + Number(microseconds) / US_PER_MS;
      low = Math.max(low, serverAt - receivedAt);
      high = Math.min(high, serverAt + 1 / US_PER_MS - sentAt);
    }
    const offsetMs = (low + high) / 2;
    this.uncertaintyMs = Math.max(this.uncertaintyMs, Math.abs(high - low) / 2);
    if (this.offsetMs !== null) this.movedMs = Math.max(this.movedMs, Math.abs(offsetMs - this.offsetMs));
    this.offsetMs = offsetMs;
    const gateway = await syncClock(this.gateway);
    this.gatewayOffMs = Math.max(this.gatewayOffMs, Math.abs(gateway.offsetMs - offsetMs));
  }
}
