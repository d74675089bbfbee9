import type { BenchGateway } from '../cluster/bench.cluster.js';
import type { BenchWorker } from '../process/bench.worker.js';
import { progress } from '../suite.types.js';
import type { AttackerOrders } from './attacker.orders.js';
import type { Attack } from './hostile.options.js';
import type { AttackTotals } from './hostile.report.js';

/** Nothing is begun after this: all in all the suite takes less than three minutes. */
export const ATTACK_WITHIN_MS = 120_000;

/** One attack after the other, and what came of all of them. */
export class AttackRun {
  private readonly kinds: Record<string, number> = {};
  private stormFrames = 0;
  private floodFrames = 0;
  private connectionsCut = 0;
  private tookMs = 0;
  private isCutShort = false;

  constructor(
    private readonly target: {
      readonly attackers: BenchWorker<AttackerOrders>;
      readonly gateway: BenchGateway;
    },
    private readonly framesAsked: number,
  ) {}

  get totals(): AttackTotals {
    const { framesAsked, kinds, floodFrames, connectionsCut, isCutShort } = this;
    const framesSent = this.stormFrames + floodFrames;
    const tookMs = Math.round(this.tookMs);
    return { framesAsked, framesSent, kinds, floodFrames, connectionsCut, tookMs, isCutShort };
  }

  /** Until all are done or the time is over. */
  async run(attacks: readonly Attack[]): Promise<void> {
    for (const attack of attacks) {
      this.isCutShort ||= this.tookMs > ATTACK_WITHIN_MS;
      if (this.isCutShort) return;
      const startedMs = performance.now();
      await this.attack(attack);
      this.tookMs += performance.now() - startedMs;
      progress(`  ${this.totals.framesSent} of ${this.framesAsked} frames sent`);
    }
  }

  private async attack(attack: Attack): Promise<void> {
    const { attackers, gateway } = this.target;
    const { url } = gateway;
    if (attack.kind === 'flood') {
      const { framesEach, connections } = attack;
      const report = await attackers.request('flood', { url, framesEach, connections });
      this.floodFrames += report.sent;
      this.connectionsCut += report.cut;
      return;
    }
    const { frames, connections, seed } = attack;
    const report = await attackers.request('storm', { url, frames, connections, seed });
    this.connectionsCut += report.thrownOut;
    for (const [kind, count] of Object.entries(report.kinds)) {
      this.kinds[kind] = (this.kinds[kind] ?? 0) + count;
      this.stormFrames += count;
    }
  }
}
