import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { EVENT_NAMESPACE, KeySpace } from '#libs/redis-store';
import type { BenchCluster, BenchGateway } from '../cluster/bench.cluster.js';
import { total } from '../cluster/prometheus.text.js';
import { RoomHost, type StartedQuestion } from '../cluster/room.host.js';
import { GatewayMemory } from '../hostile/gateway.memory.js';
import { inParallel } from '../in.parallel.js';
import { SteadyCrowd } from '../player/steady.crowd.js';
import { answerToSignal } from '../process/answer.to.signal.js';
import { BenchWorker } from '../process/bench.worker.js';
import { CPU_PROBE_ARGS, processCpuMs, redisCpuMs } from '../stats/cpu.time.js';
import { memoryInUse } from '../stats/redis.memory.js';
import { CannotRun } from '../suite.types.js';
import type { EventBytes } from './capacity.plan.js';
import {
  GATEWAYS,
  type Gateway,
  type GatewayMemoryUnit,
  type RedisMemoryUnit,
  SHARDS_PER_MASTER,
  type SizeRound,
  type Window,
  type WindowReading,
} from './capacity.windows.js';
import type { EarOrders } from './ear.orders.js';
import type { Observation } from './unit.costs.js';

/** Players of a usual room. */
export const ROOM_SIZE = 50;
/** Players that a small room has here: as when the others are at as many more gateways. */
export const PART_SIZE = 3;
/** More subscribers in the window `ears`. */
export const EARS = 4;
const TICK_MS = 1_000;
/** Nobody answers before having read the question (ms). */
const READING_MS = 250;
/** From the last deadline until all rooms are closed. */
const CLOSED_MS = 300;
/** Time for the answers to a question of the warm-up. */
const WARM_UP_MS = 1_000;
/** Waits that are no part of the work (ms); a smoke run, whose figures mean nothing, has as few as a busy machine allows. */
const WAITS = {
  /** Until everybody was told who has joined. */
  quiet: { full: 3_000, smoke: 300 },
  /** From the last deadline until all runs are settled and their outcomes are made. */
  settled: { full: 2_500, smoke: CLOSED_MS },
  /** Time to start the questions of many rooms, to subscribe more ears, and to collect garbage; also on a machine that stands still meanwhile. */
  start: { full: 8_000, smoke: 5_000 },
  /** Of that, the time in which they start one after the other: whole intervals of ticks, so that ticks are due at any time. */
  startOver: { full: 4_000, smoke: 0 },
  /** What a question that is answered lasts longer than its answers take: a crowd may be behind by nearly so long. */
  margin: { full: 1_000, smoke: 4_000 },
} as const;
const MEMORY_PROBE = fileURLToPath(new URL('./lean.memory.probe.js', import.meta.url));
const EAR = fileURLToPath(new URL('./ear.process.main.js', import.meta.url));

/** `NODE_OPTIONS` of processes whose CPU time and memory are looked at. */
export const PROBED_ENV = {
  NODE_OPTIONS: [`--import ${MEMORY_PROBE}`, ...CPU_PROBE_ARGS].join(' '),
} as const;

/**
 * Arguments for their Node: it does not collect garbage because little is going on, to give memory back. After many have joined it
 * would for a while, a few times a minute.
 */
export const PROBED_ARGS = ['--no-memory-reducer'];

/**
 * And of the scheduler: an audit each 5 s, not once a minute, so that each window has some. What it looked at is counted, and is
 * a unit of its own.
 */
export const SCHEDULER_ENV = { ...PROBED_ENV, QUIZBELL_AUDIT_MS: '5000' } as const;

/** Crowds of one kind, which join step by step. */
interface Part {
  readonly gateway: BenchGateway;
  readonly crowds: {
    readonly crowd: SteadyCrowd;
    readonly players: number;
    readonly hosts: readonly RoomHost[];
  }[];
}

/** What happened from one reading to the next. */
interface Work {
  readonly window: Window;
  /** Questions whose start or end lies in it. */
  readonly runs: number;
  readonly answers: number;
  /** Of rooms that have a question with ticks. */
  readonly ears: number;
}

interface Readings {
  readonly atMs: number;
  readonly gatewayMs: readonly number[];
  readonly schedulerMs: number;
  readonly redisMs: number;
  readonly commands: number;
}

export interface SceneOptions {
  readonly cluster: BenchCluster;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly seconds: number;
  readonly isSmoke: boolean;
}

/** A whole system that grows: gateways, a scheduler, Redis, and players in processes of their own. */
export class CapacityScene {
  readonly broken: string[] = [];
  /** What Redis keeps, after each question of a round. */
  readonly kept: Observation<RedisMemoryUnit>[] = [];
  private readonly redis: Redis;
  private readonly ear = new BenchWorker<EarOrders>('ears', EAR);
  private readonly keys: KeySpace;
  private readonly byGateway: Readonly<Record<Gateway, BenchGateway>>;
  private readonly scheduler: NonNullable<BenchCluster['scheduler']>;
  private readonly quizTicks: Part;
  private readonly quizTickless: Part;
  private readonly spread: Part;
  private rooms = 0;
  private members = 0;
  private readonly waits: Readonly<Record<keyof typeof WAITS, number>>;
  private runs = 0;
  private answers = 0;
  private questions = 0;

  constructor(private readonly options: SceneOptions) {
    const { cluster, redisUrl, prefix } = options;
    const [quiz, spread, hosts] = cluster.gateways;
    if (quiz === undefined || spread === undefined || hosts === undefined || cluster.scheduler === null) {
      throw new RangeError('too few processes');
    }
    const wait = (name: keyof typeof WAITS) => WAITS[name][options.isSmoke ? 'smoke' : 'full'];
    this.waits = {
      quiet: wait('quiet'),
      settled: wait('settled'),
      start: wait('start'),
      startOver: wait('startOver'),
      margin: wait('margin'),
    };
    this.redis = new Redis(redisUrl);
    this.keys = new KeySpace(prefix, SHARDS_PER_MASTER);
    this.byGateway = { quiz, spread, hosts };
    this.scheduler = cluster.scheduler;
    this.quizTicks = { gateway: quiz, crowds: [] };
    this.quizTickless = { gateway: quiz, crowds: [] };
    this.spread = { gateway: spread, crowds: [] };
  }

  /** Has so many more players join in usual rooms, half of them with ticks and half without, and as many in small ones. */
  async grow(players: number): Promise<Observation<RedisMemoryUnit>[]> {
    const usualRooms = Math.max(1, Math.round(players / ROOM_SIZE / 2));
    const smallRooms = Math.max(1, Math.round(players / PART_SIZE));
    const steps = [
      { part: this.quizTicks, name: 'quiz with ticks', rooms: usualRooms, perRoom: ROOM_SIZE, ticks: true },
      {
        part: this.quizTickless,
        name: 'quiz without ticks',
        rooms: usualRooms,
        perRoom: ROOM_SIZE,
        ticks: false,
      },
      { part: this.spread, name: 'spread', rooms: smallRooms, perRoom: PART_SIZE, ticks: true },
    ];
    const hosts: RoomHost[][] = [];
    for (const { rooms } of steps) hosts.push(await this.createRooms(rooms));
    const empty = await this.redisMemory();
    for (const [i, { part, name, rooms, perRoom, ticks }] of steps.entries()) {
      const crowd = new SteadyCrowd(`players ${name} ${part.crowds.length + 1}`, part.gateway, ticks);
      const players = rooms * perRoom;
      part.crowds.push({ crowd, players, hosts: hosts[i] ?? [] });
      await crowd.join(hosts[i] ?? [], perRoom);
      this.members += players;
    }
    await sleep(this.waits.quiet);
    return [empty, await this.redisMemory()];
  }

  /** Players in usual rooms. */
  get players(): number {
    return playersOf(this.quizTicks) + playersOf(this.quizTickless);
  }

  /** All windows, once. */
  async round(): Promise<WindowReading[]> {
    const { seconds } = this.options;
    const idle = await this.watch({ window: 'idle', runs: 0, answers: 0, ears: 0 }, () =>
      sleep(seconds * 1_000),
    );
    const quiz = await this.quiz(seconds * 1_000, this.waits.settled);
    this.kept.push(await this.redisMemory());
    const others = await this.manyRooms();
    this.kept.push(await this.redisMemory());
    return [idle, quiz, ...others];
  }

  /** Short questions, each answered by everybody: what is compiled after thousands of answers is compiled then. */
  async warmUp(questions: number): Promise<void> {
    for (let i = 0; i < questions; i++) await this.quiz(WARM_UP_MS, CLOSED_MS);
  }

  /** After everything was given back that is not needed, which makes what comes next slow for a while. */
  async gatewayMemory(): Promise<Record<Gateway, Observation<GatewayMemoryUnit>>> {
    const parts = { quiz: [this.quizTicks, this.quizTickless], spread: [this.spread], hosts: [] };
    const read = async (name: Gateway): Promise<Observation<GatewayMemoryUnit>> => {
      const memory = new GatewayMemory(this.byGateway[name]);
      try {
        await memory.inUse();
        const units = {
          fixed: 1,
          sockets: parts[name].reduce((sum, part) => sum + playersOf(part), 0),
          rooms: parts[name].reduce((sum, part) => sum + roomsOf(part), 0),
        };
        return { units, cost: await memory.rss() };
      } finally {
        memory.stop();
      }
    };
    const [quiz, spread, hosts] = await Promise.all([read('quiz'), read('spread'), read('hosts')]);
    return { quiz, spread, hosts };
  }

  async redisMemory(): Promise<Observation<RedisMemoryUnit>> {
    const { rooms, members, runs, answers } = this;
    return { units: { fixed: 1, rooms, members, runs, answers }, cost: await memoryInUse(this.redis) };
  }

  /** Bytes of events as players got them. */
  async eventBytes(): Promise<EventBytes> {
    const sizes = await this.spread.crowds[0]?.crowd.sizes();
    const bytes = (event: string) => sizes?.[event] ?? Number.NaN;
    return { tick: bytes('question:tick'), question: bytes('question:started') + bytes('question:closed') };
  }

  /** Connections to Redis of each process, by its name. */
  async connections(): Promise<{ gateway: number; scheduler: number }> {
    const list = String(await this.redis.client('LIST'));
    const count = (kind: string) => list.split(` name=quizbell-${kind}-`).length - 1;
    return { gateway: count('gateway') / GATEWAYS.length, scheduler: count('scheduler') };
  }

  async stop(): Promise<void> {
    const crowds = [this.quizTicks, this.quizTickless, this.spread].flatMap((part) => part.crowds);
    await Promise.all([...crowds.map(({ crowd }) => crowd.stop()), this.ear.stop(), this.redis.quit()]);
  }

  private async createRooms(count: number): Promise<RoomHost[]> {
    const { cluster } = this.options;
    this.rooms += count;
    return inParallel(Array.from({ length: count }), () =>
      RoomHost.createRoom(this.byGateway.hosts.url, cluster.apiKey),
    );
  }

  /** Everybody in usual rooms has a question and answers it. */
  private async quiz(answersMs: number, afterMs: number): Promise<WindowReading> {
    const { margin } = this.waits;
    const questionMs = answersMs + margin;
    const parts = [this.quizTicks, this.quizTickless];
    const runs = parts.reduce((sum, part) => sum + roomsOf(part), 0);
    const answers = this.players;
    let accepted = 0;
    const reading = await this.watch({ window: 'quiz', runs, answers, ears: 0 }, async () => {
      const startMs = performance.now();
      const question = this.question(questionMs);
      const started = await Promise.all(parts.map((part) => startAll(part, question)));
      const leftMs = questionMs - (performance.now() - startMs);
      await sleep(READING_MS);
      const counts = await Promise.all(
        parts.map((part, i) => answerAll(part, started[i] ?? [], leftMs - margin)),
      );
      accepted = counts.reduce((sum, count) => sum + count, 0);
      await sleep(Math.max(0, startMs + questionMs + afterMs - performance.now()));
    });
    this.runs += runs;
    if (accepted !== answers) this.broken.push(`${accepted} of ${answers} answers were accepted`);
    this.answers += accepted;
    return reading;
  }

  /** All rooms have a question that nobody answers: most of them are small. */
  private async manyRooms(): Promise<WindowReading[]> {
    const lastsMs = this.options.seconds * 1_000;
    const questionMs = 2 * lastsMs + this.waits.start;
    const parts = [this.quizTicks, this.quizTickless, this.spread];
    const runs = parts.reduce((sum, part) => sum + roomsOf(part), 0);
    const work = { answers: 0, ears: 0 };
    const startMs = performance.now();
    const { startOver } = this.waits;
    const starts = await this.watch({ ...work, window: 'starts', runs }, async () => {
      const question = this.question(questionMs);
      await Promise.all(parts.map((part) => startAll(part, question, startOver)));
    });
    const ticks = await this.watch({ ...work, window: 'ticks', runs: 0 }, () => sleep(lastsMs));
    const channels = this.spread.crowds.flatMap(({ hosts }) =>
      hosts.map(({ roomId }) => {
        const room = this.keys.socketRoom('ticks', roomId, this.keys.shardOf(roomId));
        return this.keys.adapterChannel(room, EVENT_NAMESPACE);
      }),
    );
    await this.ear.request('listen', { redisUrl: this.options.redisUrl, channels, connections: EARS });
    const ears = await this.watch({ ...work, window: 'ears', runs: 0, ears: EARS }, () => sleep(lastsMs));
    const { heard } = await this.ear.request('stop', {});
    // In less than an interval there need not be a tick.
    if (heard === 0 && lastsMs >= TICK_MS) this.broken.push('nothing was published');
    const ends = await this.watch({ ...work, window: 'starts', runs: 0 }, () => {
      const leftMs = startMs + questionMs - performance.now();
      if (leftMs < 0)
        throw new CannotRun('The questions ended before their time: the machine is too busy to measure on.');
      return sleep(leftMs + startOver + this.waits.settled);
    });
    this.runs += runs;
    return [joined(starts, ends), ticks, ears];
  }

  private question(durationMs: number) {
    this.questions += 1;
    return { questionId: `q${this.questions}`, durationMs, leadInMs: 0, tickMs: TICK_MS };
  }

  /** Reads everything before and after. */
  private async watch(work: Work, during: () => Promise<unknown>): Promise<WindowReading> {
    await this.collectGarbage();
    // Around what is looked at: to tell its metrics costs a scheduler more than many a window.
    const auditedBefore = await this.auditedRooms();
    await this.heard();
    const before = await this.readings();
    await during();
    const after = await this.readings();
    const heard = await this.heard();
    const audited = (await this.auditedRooms()) - auditedBefore;
    const seconds = (after.atMs - before.atMs) / 1_000;
    const perSecond = (count: number) => count / seconds;
    const cpu = (name: Gateway) => {
      const i = GATEWAYS.indexOf(name);
      return perSecond((after.gatewayMs[i] ?? Number.NaN) - (before.gatewayMs[i] ?? 0));
    };
    const quizMessages = (heard.quizTicks.all + heard.quizTickless.all) / ROOM_SIZE;
    const spreadMessages = heard.spread.all / PART_SIZE;
    // All usual rooms tick, also those whose players do not listen.
    const ticks = (2 * heard.quizTicks.ticks) / ROOM_SIZE + heard.spread.ticks / PART_SIZE;
    const rates = {
      ticks: perSecond(ticks),
      runs: perSecond(work.runs),
      answers: perSecond(work.answers),
      audits: perSecond(audited),
    };
    const gateway = (
      sockets: number,
      messages: number,
      deliveries: number,
      answers: number,
      commands: number,
    ) => ({
      fixed: 1,
      sockets,
      messages: perSecond(messages),
      deliveries: perSecond(deliveries),
      answers: perSecond(answers),
      commands: perSecond(commands),
    });
    const redisUnits = {
      ...rates,
      processes: GATEWAYS.length + 1,
      hearings: perSecond(quizMessages + spreadMessages + (work.ears * heard.spread.ticks) / PART_SIZE),
    };
    return {
      window: work.window,
      seconds,
      gateways: {
        quiz: {
          units: gateway(
            this.players,
            quizMessages,
            heard.quizTicks.all + heard.quizTickless.all,
            work.answers,
            0,
          ),
          cost: cpu('quiz'),
        },
        spread: {
          units: gateway(playersOf(this.spread), spreadMessages, heard.spread.all, 0, 0),
          cost: cpu('spread'),
        },
        hosts: { units: gateway(0, 0, 0, 0, work.runs), cost: cpu('hosts') },
      },
      scheduler: {
        units: { ...rates, fixed: 1 },
        cost: perSecond(after.schedulerMs - before.schedulerMs),
      },
      redis: { units: redisUnits, cost: perSecond(after.redisMs - before.redisMs) },
      redisCommands: { units: redisUnits, cost: perSecond(after.commands - before.commands) },
    };
  }

  /** A full collection takes a gateway 0.2 s of CPU, and would be in one window and not in the next. */
  private async collectGarbage(): Promise<void> {
    const children = [this.scheduler, ...Object.values(this.byGateway)].map(({ child }) => child);
    const question = { signal: 'SIGURG', pattern: /^COLLECTED$/, what: 'garbage' } as const;
    await Promise.all(children.map((child) => answerToSignal(child, question)));
  }

  /** Since the scheduler began. */
  private async auditedRooms(): Promise<number> {
    return total(await this.scheduler.metrics(), 'quizbell_audited_rooms_total');
  }

  private async readings(): Promise<Readings> {
    const { quiz, spread, hosts } = this.byGateway;
    const [schedulerMs, redisMs, stats, ...gatewayMs] = await Promise.all([
      processCpuMs(this.scheduler.child),
      redisCpuMs(this.redis),
      this.redis.info('stats'),
      ...[quiz, spread, hosts].map(({ child }) => processCpuMs(child)),
    ]);
    const commands = Number(/^total_commands_processed:(\d+)/m.exec(stats)?.[1]);
    return { atMs: performance.now(), gatewayMs, schedulerMs, redisMs, commands };
  }

  /** Events since they were asked last. */
  private async heard() {
    const of = async ({ crowds }: Part) => {
      const takes = await Promise.all(crowds.map(({ crowd }) => crowd.take()));
      const sum = (count: (take: (typeof takes)[number]) => number) =>
        takes.reduce((total, take) => total + count(take), 0);
      const ticks = sum((take) => take.ticks);
      return {
        ticks,
        all:
          ticks +
          sum(({ started, closed, others }) =>
            Object.values(others).reduce((a, b) => a + b, started + closed),
          ),
        connected: sum(({ connected }) => connected),
      };
    };
    const [quizTicks, quizTickless, spread] = await Promise.all(
      [this.quizTicks, this.quizTickless, this.spread].map(of),
    );
    if (quizTicks === undefined || quizTickless === undefined || spread === undefined) {
      throw new RangeError('three parts were asked');
    }
    const connected = quizTicks.connected + quizTickless.connected + spread.connected;
    if (connected !== this.members) this.broken.push(`${connected} of ${this.members} players are connected`);
    return { quizTicks, quizTickless, spread };
  }
}

const playersOf = ({ crowds }: Part): number => crowds.reduce((sum, { players }) => sum + players, 0);
const roomsOf = ({ crowds }: Part): number => crowds.reduce((sum, { hosts }) => sum + hosts.length, 0);

type Question = Parameters<RoomHost['start']>[0];

/** By crowd, and in each by room. */
async function startAll({ crowds }: Part, question: Question, overMs = 0): Promise<StartedQuestion[][]> {
  return Promise.all(crowds.map(({ crowd }) => crowd.start(question, overMs)));
}

async function answerAll(
  { crowds }: Part,
  started: readonly (readonly StartedQuestion[])[],
  forMs: number,
): Promise<number> {
  const counts = await Promise.all(crowds.map(({ crowd }, i) => crowd.answer(started[i] ?? [], forMs)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Two pieces of the same window as one: by the second of both. */
export function joined(first: WindowReading, second: WindowReading): WindowReading {
  const seconds = first.seconds + second.seconds;
  const mean = (a: number, b: number) => (a * first.seconds + b * second.seconds) / seconds;
  const both = <Unit extends string>(a: Observation<Unit>, b: Observation<Unit>): Observation<Unit> => {
    const names = Object.keys(a.units) as Unit[];
    const units = Object.fromEntries(names.map((unit) => [unit, mean(a.units[unit], b.units[unit])]));
    return { units: units as Record<Unit, number>, cost: mean(a.cost, b.cost) };
  };
  const [one, two] = [first.gateways, second.gateways];
  return {
    window: first.window,
    seconds,
    gateways: {
      quiz: both(one.quiz, two.quiz),
      spread: both(one.spread, two.spread),
      hosts: both(one.hosts, two.hosts),
    },
    scheduler: both(first.scheduler, second.scheduler),
    redis: both(first.redis, second.redis),
    redisCommands: both(first.redisCommands, second.redisCommands),
  };
}

export interface SizePlan {
  /** Players in usual rooms. */
  readonly size: number;
  /** Questions that are played first and not measured. */
  readonly warmUps: number;
}

/** One size, once. */
export async function measureSize(scene: CapacityScene, { size, warmUps }: SizePlan): Promise<SizeRound> {
  const redisMemory = await scene.grow(size - scene.players);
  await scene.warmUp(warmUps);
  return {
    players: scene.players,
    windows: await scene.round(),
    broken: scene.broken.splice(0),
    gatewayMemory: await scene.gatewayMemory(),
    redisMemory: [...redisMemory, ...scene.kept.splice(0)],
  };
}
