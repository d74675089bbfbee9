import { Redis } from 'ioredis';
import { BareServer } from '../bare/bare.server.js';
import type { BenchCluster, BenchGateway } from '../cluster/bench.cluster.js';
import { RoomHost } from '../cluster/room.host.js';
import { processCpuMs, redisCpuMs } from '../stats/cpu.time.js';
import type { EnteredRoom } from './answering.orders.js';

/** CPU time since each began, ms; and how often Redis has read from a connection. */
export interface ServerWork {
  /** Of the process that the players are connected to. */
  readonly serverMs: number;
  /** Null for what has none. */
  readonly schedulerMs: number | null;
  readonly redisMs: number;
  readonly redisReads: number;
}

export type ServerName = 'quizbell' | 'echo';

/** What players send their answers to. */
export interface AnsweringServer {
  readonly name: ServerName;
  readonly url: string;
  readonly rooms: readonly EnteredRoom[];
  /** Opens a question in each room, instead of the one before. @returns the run of each room */
  open(questionId: string): Promise<number[]>;
  work(): Promise<ServerWork>;
  stop(): Promise<void>;
}

/** No question ends while it is answered. */
const QUESTION_MS = 600_000;
const READS = /^total_reads_processed:(\d+)/m;

async function redisWork(redis: Redis): Promise<Pick<ServerWork, 'redisMs' | 'redisReads'>> {
  const redisMs = await redisCpuMs(redis);
  return { redisMs, redisReads: Number(READS.exec(await redis.info('stats'))?.[1]) };
}

/** One gateway, with the rooms' hosts connected too. */
export async function quizbellServer(
  cluster: BenchCluster,
  redisUrl: string,
  rooms: number,
): Promise<AnsweringServer> {
  const [gateway] = cluster.gateways as [BenchGateway];
  const hosts: RoomHost[] = [];
  while (hosts.length < rooms) hosts.push(await RoomHost.createRoom(gateway.url, cluster.apiKey));
  const redis = new Redis(redisUrl);
  let isOpen = false;
  return {
    name: 'quizbell',
    url: gateway.url,
    rooms: hosts,
    async open(questionId) {
      if (isOpen) await Promise.all(hosts.map((host) => host.stop()));
      isOpen = true;
      const plan = { questionId, durationMs: QUESTION_MS, leadInMs: 0, tickMs: 0 };
      const started = await Promise.all(hosts.map((host) => host.start(plan)));
      return started.map(({ runId }) => runId);
    },
    async work() {
      const { scheduler } = cluster;
      const [serverMs, schedulerMs, ofRedis] = await Promise.all([
        processCpuMs(gateway.child),
        scheduler === null ? null : processCpuMs(scheduler.child),
        redisWork(redis),
      ]);
      return { serverMs, schedulerMs, ...ofRedis };
    },
    async stop() {
      await redis.quit();
    },
  };
}

/** A Socket.IO server that acknowledges each answer at once. */
export async function echoServer(redisUrl: string, prefix: string, rooms: number): Promise<AnsweringServer> {
  const bare = await BareServer.start({ redisUrl, prefix });
  const redis = new Redis(redisUrl);
  return {
    name: 'echo',
    url: bare.url,
    rooms: Array.from({ length: rooms }, (_, i) => ({ pin: `${100_000 + i}` })),
    async open() {
      return Array.from({ length: rooms }, () => Date.now());
    },
    async work() {
      const [serverMs, ofRedis] = await Promise.all([bare.cpuMs(), redisWork(redis)]);
      return { serverMs, schedulerMs: null, ...ofRedis };
    },
    async stop() {
      await redis.quit();
      await bare.stop();
    },
  };
}
