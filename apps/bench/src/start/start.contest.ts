import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { shareOf } from '../players/answer.schedule.js';
import { enterRoom } from '../players/player.join.js';
import type { RawPlayer } from '../players/raw.player.js';
import { BenchWorker } from '../process/bench.worker.js';
import { monotonicMs } from '../stats/monotonic.clock.js';
import { CannotRun } from '../suite.types.js';
import type { HearingOrders } from './hearing.orders.js';
import type { ServerName, StartingServer } from './start.servers.js';

const SCRIPT = fileURLToPath(new URL('./hearing.process.main.js', import.meta.url));
/** The host waits so long before each start, more or less, so that nothing beats in time with it. */
const PAUSE_MS = { least: 50, most: 150 };
const QUESTION_MS = 600_000;
const CONTENT = { text: 'Which planet is the largest?', choices: ['Earth', 'Jupiter', 'Mars', 'Saturn'] };

/** What the starts of one round took, and who heard them. */
export interface StartsReport {
  /** From the host's sending to the last player's reading, ms. */
  readonly lastMs: readonly number[];
  /** To the first player's. */
  readonly firstMs: readonly number[];
  /** Starts that were not heard by each player once. */
  readonly unheard: readonly string[];
}

/** Two servers of a kind, players at both in processes of their own, and a host at the first. */
export class StartContest {
  private readonly workers = [1, 2].map((i) => new BenchWorker<HearingOrders>(`players ${i}`, SCRIPT));
  private host: RawPlayer | undefined;
  private players = 0;
  private questions = 0;

  constructor(private readonly server: StartingServer) {}

  get name(): ServerName {
    return this.server.name;
  }

  /** A new room, with so many players who are spread evenly over the two servers. */
  async enter(players: number): Promise<void> {
    const { pin, hostJoin } = await this.server.createRoom();
    this.players = players;
    this.host = await enterRoom(this.server.urls[0], hostJoin);
    await Promise.all(
      this.workers.map((worker, i) => {
        const share = shareOf(players, this.workers.length, i);
        return worker.request('enter', { url: this.server.urls[i] ?? '', pin, players: share });
      }),
    );
  }

  /** Starts and stops questions, one after the other. @param random at least 0 and less than 1 */
  async play(starts: number, random: () => number): Promise<StartsReport> {
    const lastMs: number[] = [];
    const firstMs: number[] = [];
    const unheard: string[] = [];
    for (let i = 0; i < starts; i++) {
      await sleep(PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least));
      const questionId = `q${++this.questions}`;
      const plan = { questionId, durationMs: QUESTION_MS, leadInMs: 0, tickMs: 0, content: CONTENT };
      const started = await this.tell('question:start', plan, 'question:started');
      const stopped = await this.tell('question:stop', {}, 'question:closed');
      for (const [what, { heard }] of Object.entries({ started, stopped })) {
        if (heard !== this.players) unheard.push(`${this.name}: ${what} ${heard} times, not ${this.players}`);
      }
      if (started.heard === 0) continue;
      lastMs.push(started.lastMs);
      firstMs.push(started.firstMs);
    }
    return { lastMs, firstMs, unheard };
  }

  async leave(): Promise<void> {
    this.host?.close();
    await Promise.all(this.workers.map((worker) => worker.request('leave', {})));
  }

  async stop(): Promise<void> {
    this.host?.close();
    await Promise.all(this.workers.map((worker) => worker.stop()));
    await this.server.stop();
  }

  /** Sends a command of the host; how long until the first and the last player had its event, ms. */
  private async tell(command: string, payload: object, event: string) {
    const { host } = this;
    if (host === undefined) throw new CannotRun('Nobody has entered.');
    await Promise.all(this.workers.map((worker) => worker.request('listen', { event })));
    const heard = Promise.all(this.workers.map((worker) => worker.request('heard', {})));
    heard.catch(() => {}); // nobody waits for it any more when the command fails
    const sentMs = monotonicMs(performance.now());
    const { ack } = await host.call(command, payload);
    if ((ack as { ok?: unknown }).ok !== true)
      throw new CannotRun(`${command} was refused: ${JSON.stringify(ack)}`);
    const processes = await heard;
    return {
      heard: processes.reduce((sum, one) => sum + one.heard, 0),
      firstMs: Math.min(...processes.map((one) => one.firstMs)) - sentMs,
      lastMs: Math.max(...processes.map((one) => one.lastMs)) - sentMs,
    };
  }
}
