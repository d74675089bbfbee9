import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BenchWorker } from '../process/bench.worker.js';
import { TimeHistogram } from '../stats/time.histogram.js';
import type { AnsweringServer, ServerName, ServerWork } from './answer.servers.js';
import type { AnsweringOrders, AnswerLoad } from './answering.orders.js';

const SCRIPT = fileURLToPath(new URL('./answering.process.main.js', import.meta.url));
/** The starts of the questions have been heard, and the runs before are settled. */
const SETTLE_MS = 1_200;

/** What a load, or the want of one, cost and took. */
export interface LoadReport {
  readonly verdicts: number;
  /** Acknowledgements that were no acceptance, by their text; and how many never came. */
  readonly others: readonly string[];
  readonly latency: TimeHistogram;
  readonly sentLate: TimeHistogram;
  /** From the first instant of a window to its last verdict, all windows together. */
  readonly tookMs: number;
  /** What was done meanwhile. */
  readonly work: ServerWork;
  /** How long that was looked at. */
  readonly wallMs: number;
}

/** What is asked in the rooms now, and the run of each. */
export interface OpenQuestion {
  readonly questionId: string;
  readonly runIds: readonly number[];
}

/** A server, and its players in a process of their own. */
export class AnswersContest {
  private readonly worker = new BenchWorker<AnsweringOrders>('players', SCRIPT);
  private questions = 0;

  constructor(
    readonly server: AnsweringServer,
    private readonly perRoom: number,
  ) {}

  get name(): ServerName {
    return this.server.name;
  }

  get players(): number {
    return this.perRoom * this.server.rooms.length;
  }

  async enter(): Promise<void> {
    const { url, rooms } = this.server;
    const entered = rooms.map(({ pin, hostToken }) => ({ pin, ...(hostToken && { hostToken }) }));
    await this.worker.request('enter', { url, rooms: entered, perRoom: this.perRoom });
  }

  /** Everybody answers a question once at most, so many answers take several questions. */
  async play({ answers, perSecond, seed }: AnswerLoad): Promise<LoadReport> {
    const windows = Math.ceil(answers / this.players);
    const reports: LoadReport[] = [];
    for (let i = 0; i < windows; i++) {
      const load = { answers: Math.round(answers / windows), perSecond, seed: seed + i };
      reports.push(await this.answer(await this.open(), load));
    }
    return mergedReport(reports);
  }

  /** Puts the heartbeats of the connections together; the quiet time behind them has begun when it is done. */
  async beQuiet(): Promise<void> {
    await this.worker.request('quiet', {});
  }

  /** Opens a question in each room, and waits until nothing is to be done for it or for the one before. */
  async open(): Promise<OpenQuestion> {
    const questionId = `q${++this.questions}`;
    const runIds = await this.server.open(questionId);
    await sleep(SETTLE_MS);
    return { questionId, runIds };
  }

  answer(question: OpenQuestion, load: AnswerLoad): Promise<LoadReport> {
    return this.watched(() => this.worker.request('answer', { ...load, ...question }));
  }

  /** What it costs that everybody is connected, and has an open question. */
  idle(forMs: number): Promise<LoadReport> {
    return this.watched(async () => {
      await sleep(forMs);
      return { latencyMs: [], sentLateMs: [], tookMs: forMs, others: [] };
    });
  }

  async stop(): Promise<void> {
    await this.worker.stop();
    await this.server.stop();
  }

  private async watched(work: () => Promise<AnsweringOrders['answer']['reply']>): Promise<LoadReport> {
    const before = await this.server.work();
    const startMs = performance.now();
    const { latencyMs, sentLateMs, tookMs, others } = await work();
    const after = await this.server.work();
    return {
      verdicts: latencyMs.length,
      others,
      latency: TimeHistogram.of(latencyMs),
      sentLate: TimeHistogram.of(sentLateMs),
      tookMs,
      work: workOf(after, before, -1),
      wallMs: performance.now() - startMs,
    };
  }
}

const workOf = (one: ServerWork, other: ServerWork, sign: 1 | -1): ServerWork => ({
  serverMs: one.serverMs + sign * other.serverMs,
  schedulerMs:
    one.schedulerMs === null || other.schedulerMs === null
      ? null
      : one.schedulerMs + sign * other.schedulerMs,
  redisMs: one.redisMs + sign * other.redisMs,
  redisReads: one.redisReads + sign * other.redisReads,
});

/** Several windows as one. */
export function mergedReport(reports: readonly LoadReport[]): LoadReport {
  const sum = (figure: (report: LoadReport) => number) =>
    reports.reduce((all, report) => all + figure(report), 0);
  return {
    verdicts: sum(({ verdicts }) => verdicts),
    others: reports.flatMap(({ others }) => others),
    latency: TimeHistogram.merged(reports.map(({ latency }) => latency)),
    sentLate: TimeHistogram.merged(reports.map(({ sentLate }) => sentLate)),
    tookMs: sum(({ tookMs }) => tookMs),
    work: reports.map(({ work }) => work).reduce((all, work) => workOf(all, work, 1)),
    wallMs: sum(({ wallMs }) => wallMs),
  };
}
