import type { ShardClock } from '#libs/room';
import { type EpochMs, epochMs } from '#libs/timer-core';
import type { KeySpace } from './room.keys.js';
import type { ScriptRunner } from './script.definition.js';
import { clockScript } from './store.scripts.js';

const SAMPLE_INTERVAL_MS = 250;

/** A sample says: the offset lies between `low` and `high` (ms, shard clock minus monotonic clock). */
interface Bounds {
  low: number;
  high: number;
}

/** Two monotonic clocks of machines drift by at most about this much per second of time, in ms. */
const DRIFT_PER_SAMPLE_MS = 0.05 * (SAMPLE_INTERVAL_MS / 1_000);

/**
 * The shards' clocks as offsets from this process's monotonic clock. Each sample bounds the offset from both sides; the
 * bounds of all samples are intersected, widened a little with time. When they no longer meet, the clock has stepped and
 * sampling begins anew.
 */
export class RedisShardClock implements ShardClock {
  private readonly bounds: Bounds[] = [];
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly scripts: ScriptRunner,
    private readonly keys: KeySpace,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Samples every shard once, then goes on in the background. */
  async start(): Promise<void> {
    await this.sampleAll();
    this.schedule();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  now(shard: number): EpochMs {
    const bounds = this.bounds[shard];
    if (bounds === undefined) throw new RangeError(`the clock of shard ${shard} was never sampled`);
    return epochMs(Math.floor(performance.now() + (bounds.low + bounds.high) / 2));
  }

  private schedule(): void {
    this.timer = setTimeout(() => void this.sampleAndGoOn(), SAMPLE_INTERVAL_MS);
  }

  private async sampleAndGoOn(): Promise<void> {
    try {
      await this.sampleAll();
    } catch (error) {
      this.onError(error);
    }
    if (!this.stopped) this.schedule();
  }

  private async sampleAll(): Promise<void> {
    await Promise.all(Array.from({ length: this.keys.shards }, (_, shard) => this.sample(shard)));
  }

  private async sample(shard: number): Promise<void> {
    const sentAt = performance.now();
    const serverAt = await this.scripts.run(clockScript, { owner: this.keys.shard(shard).owner });
    const low = serverAt - performance.now();
    const high = serverAt - sentAt;
    const known = this.bounds[shard];
    if (known === undefined || low > known.high || high < known.low) {
      this.bounds[shard] = { low, high };
      return;
    }
    known.low = Math.max(known.low - DRIFT_PER_SAMPLE_MS, low);
    known.high = Math.min(known.high + DRIFT_PER_SAMPLE_MS, high);
  }
}
