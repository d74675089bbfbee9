import type { ClockReading } from '#libs/ops';
import type { ArrivalClock } from '#libs/room';
import { type EpochMs, epochMs } from '#libs/timer-core';
import { OffsetEstimate } from './offset.estimate.js';
import type { KeySpace } from './room.keys.js';
import type { ScriptRunner } from './script.definition.js';
import { clockScript } from './store.scripts.js';

const SAMPLE_INTERVAL_MS = 250;

/** Clocks drift apart by 2 or 3 ms in this time (ms): what an estimate may be off by without anybody noticing. */
const FRESH_MS = 5_000;

/** A shard's clock jumped; `correction` is the one that the jump was seen with (ms, as text). */
export interface ClockStep {
  readonly shard: number;
  readonly jumpMs: number;
  readonly correction: string;
}

export interface RedisShardClockOptions {
  readonly onError: (error: unknown) => void;
  /** A clock stepped and the estimate does not follow: its owner takes the jump out of the correction. */
  readonly stepped: (step: ClockStep) => Promise<void>;
  /** A step has lasted, and the estimate follows it. */
  readonly adopted: (step: ClockStep) => void;
  /** A sample was answered after so long (ms). */
  readonly answered?: (roundTripMs: number) => void;
}

/** The shards' clocks as offsets from this process's monotonic clock, refreshed in the background. */
export class RedisShardClock implements ArrivalClock {
  private readonly estimates: OffsetEstimate[] = [];
  /** When each clock was last heard of, in `performance.now()`. */
  private readonly heardAt: number[] = [];
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly scripts: ScriptRunner,
    private readonly keys: KeySpace,
    private readonly options: RedisShardClockOptions,
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
    return epochMs(Math.floor(this.at(shard, performance.now())));
  }

  at(shard: number, instantMs: number): number {
    const estimate = this.estimates[shard];
    if (estimate === undefined) throw new RangeError(`the clock of shard ${shard} was never sampled`);
    return instantMs + estimate.offset;
  }

  /** Whether a clock was heard of lately; of a Cluster any, since the rooms of the others do not suffer with one. */
  get isSynchronised(): boolean {
    return this.heardAt.some((at) => performance.now() - at < FRESH_MS);
  }

  /** Every clock that was ever sampled. */
  readings(): ClockReading[] {
    const nowMs = performance.now();
    const wallMs = Date.now() - nowMs;
    return this.estimates.flatMap((estimate, shard) => {
      const ageMs = nowMs - (this.heardAt[shard] ?? 0);
      return [{ shard, offsetMs: estimate.offset - wallMs, ageMs }];
    });
  }

  private schedule(): void {
    this.timer = setTimeout(() => void this.sampleAndGoOn(), SAMPLE_INTERVAL_MS);
  }

  private async sampleAndGoOn(): Promise<void> {
    try {
      await this.sampleAll();
    } catch (error) {
      this.options.onError(error);
    }
    if (!this.stopped) this.schedule();
  }

  private async sampleAll(): Promise<void> {
    await Promise.all(Array.from({ length: this.keys.shards }, (_, shard) => this.sample(shard)));
  }

  private async sample(shard: number): Promise<void> {
    const sentAt = performance.now();
    const { serverAt, correction } = await this.scripts.run(clockScript, {
      owner: this.keys.shard(shard).owner,
    });
    const sample = { sentAt, receivedAt: performance.now(), serverAt };
    this.heardAt[shard] = sample.receivedAt;
    this.options.answered?.(sample.receivedAt - sentAt);
    const estimate = this.estimates[shard];
    if (estimate === undefined) {
      this.estimates[shard] = new OffsetEstimate(sample);
      return;
    }
    const verdict = estimate.take(sample);
    if (verdict.kind === 'steady') return;
    const step = { shard, jumpMs: verdict.jumpMs, correction };
    if (verdict.kind === 'step') await this.options.stepped(step);
    else this.options.adopted(step);
  }
}
