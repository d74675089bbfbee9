import { fileURLToPath } from 'node:url';
import { type BenchCluster, type BenchGateway, startCluster } from '../cluster/bench.cluster.js';
import { RoomHost } from '../cluster/room.host.js';
import { COST_PROBE, type ProbedProcess } from '../player/gateway.cost.js';
import { BenchWorker } from '../process/bench.worker.js';
import type { AdapterKind } from '../relay/relay.options.js';
import { RelayServer } from '../relay/relay.server.js';
import { CannotRun } from '../suite.types.js';
import type { EmitOrders } from '../ticks/emit.orders.js';
import { TICK_MS } from '../ticks/tick.contest.js';

export const CONTESTANTS = ['quizbell', 'sharded', 'classic'] as const;
/** Ours, and bare Socket.IO with one adapter or the other. */
export type ContestantName = (typeof CONTESTANTS)[number];

/** No question ends while it is measured. */
const QUESTION_MS = 600_000;
const EMITTER = fileURLToPath(new URL('../ticks/emit.process.main.js', import.meta.url));

/** A server, and how one gets into rooms there. */
export interface Place extends ProbedProcess {
  readonly url: string;
}

/** Two servers of one service: A has all the busy rooms, B a quiet one. */
export interface Contestant {
  readonly name: ContestantName;
  readonly a: Place;
  readonly b: Place;
  /** What members send with `room:join`. */
  readonly busy: readonly object[];
  readonly quiet: object;
  /** In the channels of the quiet room, and in no other's. */
  readonly quietMark: string;
  /** Ticks once a second, from now on; to be called when the members have joined. */
  startQuiet(): Promise<void>;
  /** @returns the question that members may answer */
  startBusy(round: number, tickMs: number): Promise<string | null>;
  stopBusy(): Promise<void>;
  stop(): Promise<void>;
}

/** Where the two servers find Redis: each goes by a proxy of its own. */
export interface ContestantOptions {
  readonly redisUrl: string;
  readonly aRedisUrl: string;
  readonly bRedisUrl: string;
  readonly prefix: string;
  readonly rooms: number;
}

export async function startQuizbell(options: ContestantOptions): Promise<Contestant> {
  const { redisUrl, aRedisUrl, bRedisUrl, prefix, rooms } = options;
  const gatewayEnv = { NODE_OPTIONS: COST_PROBE };
  const parts: BenchCluster[] = [];
  const stop = async () => {
    for (const part of parts.toReversed()) await part.stop();
  };
  const start = async (url: string, hasScheduler: boolean): Promise<BenchCluster> => {
    const gateways = hasScheduler ? 0 : 1;
    const part = await startCluster({ redisUrl: url, prefix, gateways, hasScheduler, gatewayEnv });
    parts.push(part);
    return part;
  };
  try {
    await start(redisUrl, true);
    const [a, b] = [await start(aRedisUrl, false), await start(bRedisUrl, false)];
    const [atA, atB] = [a.gateways[0] as BenchGateway, b.gateways[0] as BenchGateway];
    const hosts: RoomHost[] = [];
    while (hosts.length < rooms) hosts.push(await RoomHost.createRoom(atA.url, a.apiKey));
    const quiet = await RoomHost.createRoom(atB.url, b.apiKey);
    return {
      name: 'quizbell',
      a: atA,
      b: atB,
      busy: hosts.map(({ pin }) => ({ pin })),
      quiet: { pin: quiet.pin },
      quietMark: quiet.roomId,
      async startQuiet() {
        await quiet.start({ questionId: 'quiet', durationMs: QUESTION_MS, leadInMs: 0, tickMs: TICK_MS });
      },
      async startBusy(round, tickMs) {
        const question = { questionId: `q${round}`, durationMs: QUESTION_MS, leadInMs: 0, tickMs };
        await Promise.all(hosts.map((host) => host.start(question)));
        return question.questionId;
      },
      async stopBusy() {
        await Promise.all(hosts.map((host) => host.stop()));
      },
      stop,
    };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

export async function startRelays(adapter: AdapterKind, options: ContestantOptions): Promise<Contestant> {
  const { redisUrl, aRedisUrl, bRedisUrl, prefix, rooms } = options;
  const relays: RelayServer[] = [];
  const emitters = new Map<string, BenchWorker<EmitOrders>>();
  const start = async (url: string): Promise<RelayServer> => {
    const nodeOptions = [COST_PROBE];
    const relay = await RelayServer.start({ kind: 'socketio', redisUrl: url, prefix, adapter, nodeOptions });
    relays.push(relay);
    return relay;
  };
  const stop = async () => {
    await Promise.all([...emitters.values(), ...relays].map((one) => one.stop()));
  };
  const emit = async (name: string, roomIds: readonly string[], tickMs: number) => {
    if (emitters.has(name)) throw new CannotRun(`There is a ${name} already.`);
    const emitter = new BenchWorker<EmitOrders>(name, EMITTER);
    emitters.set(name, emitter);
    const endsAt = Date.now() + QUESTION_MS;
    const emitted = roomIds.map((roomId, i) => ({
      roomId,
      socketRoom: roomId,
      endsAt: endsAt + Math.floor((i * tickMs) / roomIds.length),
    }));
    await emitter.request('start', { redisUrl, prefix, adapter, tickMs, rooms: emitted });
  };
  const roomIds = Array.from({ length: rooms }, (_, i) => `room-${i}-of-the-busy-server`);
  const quietId = 'the-quiet-room-of-the-other-server';
  try {
    const [a, b] = [await start(aRedisUrl), await start(bRedisUrl)];
    return {
      name: adapter,
      a,
      b,
      busy: roomIds.map((room) => ({ room })),
      quiet: { room: quietId },
      quietMark: quietId,
      startQuiet: () => emit('quiet emitter', [quietId], TICK_MS),
      async startBusy(_round, tickMs) {
        await emit('busy emitter', roomIds, tickMs);
        return null;
      },
      async stopBusy() {
        await emitters.get('busy emitter')?.stop();
        emitters.delete('busy emitter');
      },
      stop,
    };
  } catch (failure) {
    await stop();
    throw failure;
  }
}
