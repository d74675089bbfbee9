import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchGateway } from '../cluster/bench.cluster.js';
import { syncClock } from '../players/clock.sync.js';
import { RawPlayer } from '../players/raw.player.js';
import type { Stall } from './stall.checks.js';

/** A timer may be late by this; what is left is waited for awake. */
const AWAKE_MS = 3;

/** Stops a gateway's process for a while, at an instant of the server's clock. */
export class StalledGateway {
  private offsetMs = 0;

  private constructor(
    private readonly gateway: BenchGateway,
    private readonly timekeeper: RawPlayer,
  ) {}

  static async connect(gateway: BenchGateway): Promise<StalledGateway> {
    return new StalledGateway(gateway, await RawPlayer.connect(gateway.url));
  }

  async sync(): Promise<void> {
    this.offsetMs = (await syncClock(this.timekeeper)).offsetMs;
  }

  /** @returns when it stood still, as it came to be */
  async stall(fromAt: number, lengthMs: number): Promise<Stall> {
    const { child } = this.gateway;
    await this.until(fromAt);
    const stoppedAt = this.now();
    if (lengthMs === 0) return { fromAt: stoppedAt, untilAt: stoppedAt };
    child.signal('SIGSTOP');
    try {
      await this.until(stoppedAt + lengthMs);
    } finally {
      child.signal('SIGCONT');
    }
    return { fromAt: stoppedAt, untilAt: this.now() };
  }

  close(): void {
    this.timekeeper.close();
  }

  private now(): number {
    return performance.now() + this.offsetMs;
  }

  private async until(at: number): Promise<void> {
    const waitMs = at - this.now() - AWAKE_MS;
    if (waitMs > 0) await sleep(waitMs);
    while (this.now() < at);
  }
}
