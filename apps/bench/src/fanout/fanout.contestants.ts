import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { KeySpace } from '#libs/redis-store';
import { type BenchGateway, startCluster } from '../cluster/bench.cluster.js';
import { RoomHost } from '../cluster/room.host.js';
import { COST_PROBE, type ProbedProcess } from '../player/gateway.cost.js';
import { BenchWorker } from '../process/bench.worker.js';
import { RelayServer } from '../relay/relay.server.js';
import { CannotRun } from '../suite.types.js';
import type { EmitOrders } from '../ticks/emit.orders.js';

export const CONTESTANTS = ['quizbell', 'socket.io', 'ws'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

/** No question ends while it is measured. */
const QUESTION_MS = 600_000;
/** The service's default, which the bench's cluster has. */
const SHARDS = 8;
const EMITTER = fileURLToPath(new URL('../ticks/emit.process.main.js', import.meta.url));

/** A room as all contestants have it. */
export interface FanoutRoom {
  readonly host: RoomHost;
  /** Socket.IO's, of those who want ticks. */
  readonly socketRoom: string;
  /** When it ticks in each interval: from 0 on, before 1. */
  readonly phase: number;
}

/** A server that hands ticks on to its sockets. */
export interface Contestant extends ProbedProcess {
  readonly name: ContestantName;
  readonly url: string;
  /** What a member sends with `room:join`. */
  joinOf(room: FanoutRoom): object;
  /** Resolves when they have begun to tick. */
  startTicks(rooms: readonly FanoutRoom[], tickMs: number): Promise<void>;
  stopTicks(): Promise<void>;
  stop(): Promise<void>;
}

export interface ContestantOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  /** More options for the Node of the servers. */
  readonly nodeOptions: readonly string[];
}

/** Quizbell as it is deployed, and where its rooms are made: at a gateway that is not measured, as are the hosts' commands. */
export interface QuizbellContestant extends Contestant {
  createRooms(count: number, random: () => number): Promise<FanoutRoom[]>;
  /** Rejects when one of its processes ends by itself. */
  readonly died: Promise<never>;
}

export async function startQuizbell({
  redisUrl,
  prefix,
  nodeOptions,
}: ContestantOptions): Promise<QuizbellContestant> {
  const cluster = await startCluster({
    redisUrl,
    prefix,
    gateways: 2,
    gatewayEnv: { NODE_OPTIONS: [COST_PROBE, ...nodeOptions].join(' ') },
  });
  const [measured, hosts] = cluster.gateways as readonly [BenchGateway, BenchGateway];
  const keys = new KeySpace(prefix, SHARDS);
  let ticking: readonly FanoutRoom[] = [];
  return {
    name: 'quizbell',
    child: measured.child,
    url: measured.url,
    died: cluster.died,
    async createRooms(count, random) {
      const rooms: FanoutRoom[] = [];
      while (rooms.length < count) {
        const host = await RoomHost.createRoom(hosts.url, cluster.apiKey);
        const { roomId } = host;
        rooms.push({
          host,
          socketRoom: keys.socketRoom('ticks', roomId, keys.shardOf(roomId)),
          phase: (rooms.length + random()) / count,
        });
      }
      return rooms;
    },
    joinOf: ({ host: { pin } }) => ({ pin }),
    async startTicks(rooms, tickMs) {
      ticking = rooms;
      const startMs = performance.now();
      const question = { questionId: 'q1', durationMs: QUESTION_MS, leadInMs: 0, tickMs };
      // A question ticks at whole intervals before its end, so in whole intervals after its start.
      await Promise.all(
        rooms.map(async ({ host, phase }) => {
          await sleep(startMs + phase * tickMs - performance.now());
          await host.start(question);
        }),
      );
    },
    async stopTicks() {
      await Promise.all(ticking.map(({ host }) => host.stop()));
    },
    stop: () => cluster.stop(),
  };
}

/** A server that only hands on, and a process that emits one room's tick after the other to it, by way of Redis. */
export async function startRelayed(
  name: Exclude<ContestantName, 'quizbell'>,
  { redisUrl, prefix, nodeOptions }: ContestantOptions,
): Promise<Contestant> {
  const kind = name === 'ws' ? 'ws' : 'socketio';
  const relay = await RelayServer.start({
    kind,
    redisUrl,
    prefix,
    adapter: 'sharded',
    nodeOptions: [COST_PROBE, ...nodeOptions],
  });
  let emitter: BenchWorker<EmitOrders> | undefined;
  const stopTicks = async () => {
    await emitter?.stop();
    emitter = undefined;
  };
  return {
    name,
    child: relay.child,
    url: relay.url,
    joinOf: ({ socketRoom }) => ({ room: socketRoom }),
    async startTicks(rooms, tickMs) {
      if (emitter !== undefined) throw new CannotRun(`The rooms of ${name} tick already.`);
      emitter = new BenchWorker<EmitOrders>('emitter', EMITTER);
      const endsAt = Date.now() + QUESTION_MS;
      await emitter.request('start', {
        redisUrl,
        prefix,
        tickMs,
        rooms: rooms.map(({ host: { roomId }, socketRoom, phase }) => ({
          roomId,
          socketRoom,
          endsAt: endsAt + Math.floor(phase * tickMs),
        })),
      });
    },
    stopTicks,
    async stop() {
      await stopTicks();
      await relay.stop();
    },
  };
}
