import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ListenOrders } from '../fanout/listen.orders.js';
import type { HeardTicks } from '../fanout/room.ticks.js';
import { cpuTimeOf } from '../player/gateway.cost.js';
import { BenchWorker } from '../process/bench.worker.js';
import { TICK_MS } from '../ticks/tick.contest.js';
import type { BusyOrders } from './busy.orders.js';
import type { CountingOrders } from './counting.orders.js';
import type { Contestant, ContestantOptions } from './isolation.contestants.js';

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** From the last start to the window: what is done once is done in it. */
const SETTLE_MS = 500;
/** The way of what was sent last in the window. */
const AFTER_MS = 300;
const QUIET_MEMBERS = 2;

/** Messages that Redis sent to a server's subscribing connection, by what they were for. */
export interface Messages {
  /** Of the busy rooms, and whatever else nobody there has asked for. */
  readonly foreign: number;
  /** Of the quiet room. */
  readonly own: number;
  /** By which a gateway notices whether it hears. */
  readonly canaries: number;
}

/** What one contestant did while the busy rooms of one of them were busy. */
export interface IsolationWork {
  readonly a: Messages;
  readonly b: Messages;
  readonly windowMs: number;
  /** CPU time of server B, ms. */
  readonly bCpuMs: number;
  /** What the members of the quiet room heard. */
  readonly quiet: Pick<HeardTicks, 'ticks' | 'missing' | 'skipped'>;
}

/** The busy rooms of one contestant were busy, and those of the others were not. */
export interface IsolationSlot {
  /** By contestant, in their order. */
  readonly work: readonly IsolationWork[];
  readonly answers: number;
  readonly joins: number;
}

/** The proxies of two servers, which count. */
export class Counters {
  private readonly workers = [0, 1].map(
    () => new BenchWorker<CountingOrders>('counting proxy', script('./counting.proxy.main.js')),
  );

  async start(redisUrl: string): Promise<Pick<ContestantOptions, 'aRedisUrl' | 'bRedisUrl'>> {
    const [a, b] = await Promise.all(this.workers.map((worker) => worker.request('start', { redisUrl })));
    return { aRedisUrl: a?.url ?? '', bRedisUrl: b?.url ?? '' };
  }

  /** Since it was asked last. */
  async take(quietMark: string): Promise<readonly [a: Messages, b: Messages]> {
    const [a, b] = await Promise.all(this.workers.map((worker) => worker.request('take', {})));
    return [messagesOf(a?.messages ?? {}, quietMark), messagesOf(b?.messages ?? {}, quietMark)];
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
  }
}

/** @param byChannel how many came by each */
export function messagesOf(byChannel: Readonly<Record<string, number>>, quietMark: string): Messages {
  const counts = { foreign: 0, own: 0, canaries: 0 };
  for (const [channel, count] of Object.entries(byChannel)) {
    if (channel.includes(quietMark)) counts.own += count;
    else if (channel.includes('}canary:')) counts.canaries += count;
    else counts.foreign += count;
  }
  return counts;
}

/** Two servers, and their members in processes of their own. */
export class Stand {
  private readonly busy = new BenchWorker<BusyOrders>('busy members', script('./busy.process.main.js'));
  private readonly quiet = new BenchWorker<ListenOrders>(
    'quiet members',
    script('../fanout/listen.process.main.js'),
  );

  constructor(
    readonly contestant: Contestant,
    private readonly counters: Counters,
  ) {}

  async fill(members: number): Promise<void> {
    const { a, b, busy, quiet } = this.contestant;
    await this.busy.request('join', { url: a.url, payloads: busy, members });
    await this.quiet.request('join', { url: b.url, rooms: [{ payload: quiet, members: QUIET_MEMBERS }] });
    await this.contestant.startQuiet();
  }

  /** Counts anew, until `finish`. */
  async begin(): Promise<() => Promise<IsolationWork>> {
    const { contestant, counters, quiet } = this;
    await quiet.request('begin', {});
    await counters.take(contestant.quietMark);
    const startMs = performance.now();
    const before = await cpuTimeOf(contestant.b);
    return async () => {
      const after = await cpuTimeOf(contestant.b);
      const windowMs = performance.now() - startMs;
      await quiet.request('end', {});
      await sleep(AFTER_MS);
      const [a, b] = await counters.take(contestant.quietMark);
      const { ticks, missing, skipped } = await quiet.request('take', { tickMs: TICK_MS });
      return {
        a,
        b,
        windowMs,
        bCpuMs: after.processMs - before.processMs,
        quiet: { ticks, missing, skipped },
      };
    };
  }

  /** Its rooms tick, and their members answer and come and go, for so long; all stands are looked at. */
  async stir(
    stands: readonly Stand[],
    { round, tickMs, forMs }: { readonly round: number; readonly tickMs: number; readonly forMs: number },
  ): Promise<IsolationSlot> {
    const { a, busy } = this.contestant;
    const questionId = await this.contestant.startBusy(round, tickMs);
    await sleep(SETTLE_MS);
    const finish = await Promise.all(stands.map((stand) => stand.begin()));
    const [stirred] = await Promise.all([
      this.busy.request('stir', { url: a.url, payloads: busy, questionId, forMs }),
      sleep(forMs),
    ]);
    const work = await Promise.all(finish.map((one) => one()));
    await this.contestant.stopBusy();
    return { work, ...stirred };
  }

  async stop(): Promise<void> {
    await Promise.all([this.busy.stop(), this.quiet.stop()]);
    await this.contestant.stop();
    await this.counters.stop();
  }
}
