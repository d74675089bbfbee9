import { createLogger, loadConfig, Metrics, MonotonicClock, monotonicEpochMs, RandomIds } from '#libs/ops';
import {
  AnswerService,
  MemberService,
  MemoryAnswerStore,
  MemoryMemberStore,
  MemoryRoomStore,
  MemoryRooms,
  OutcomeService,
  RoomService,
  type RosterMember,
  StoreUnavailableError,
} from '#libs/room';
import { rest, TestClient } from '#libs/testing';
import { durationMs } from '#libs/timer-core';
import { MemoryLimits } from '../src/access/memory.limits.js';
import { EdgeBroadcasts } from '../src/edge.broadcasts.js';
import { EdgeServer } from '../src/edge.server.js';
import { EmbeddedPublisher } from '../src/embedded.publisher.js';

/** A gateway on a free port over a memory store; nothing fires deadlines, time passes only by commands. */
export interface TestEdge {
  readonly url: string;
  readonly metrics: Metrics;
  readonly store: MemoryRoomStore;
  /** Everybody who is connected. */
  roster(roomId: string): Promise<RosterMember[]>;
  /** Sends what the scheduler would send of members and answers. */
  tellPresence(roomId: string): Promise<void>;
  /** Calls of the store begin when it resolves; replace it to keep them waiting. */
  storeIsReady: () => Promise<void>;
  /** Set it to make the store, or the confirmation of channels, or broadcasts, fail. */
  readonly trouble: { isStoreAway: boolean; isChannelDeaf: boolean; isUnready: boolean; isSilent: boolean };
  /** Broadcasts may have been missed. */
  gap(): void;
  /** What resolves when all that is on its way has come; replace it to let something come. */
  catchUp: () => Promise<void>;
  /** A room made over REST. */
  createRoom(settings?: object): Promise<{ roomId: string; pin: string; hostToken: string }>;
  connect(): Promise<TestClient>;
  /** A client that has joined. */
  join(payload: object): Promise<TestClient>;
  /** The value of one of the counters. */
  count(name: string, labels: string): Promise<number>;
  /** Ends the gateway alone, under its clients. */
  stop(): Promise<void>;
  /** Ends clients and gateway. */
  close(): Promise<void>;
}

export async function startEdge(env: Record<string, string> = {}): Promise<TestEdge> {
  const config = loadConfig({ HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent', ...env }, 'standalone');
  const metrics = new Metrics();
  const broadcasts = new EdgeBroadcasts(metrics.gateway);
  const publisher = new EmbeddedPublisher(broadcasts);
  const trouble = { isStoreAway: false, isChannelDeaf: false, isUnready: false, isSilent: false };
  let gapListener: (shards: readonly number[]) => void = () => {};
  const memory = new MemoryRooms(monotonicEpochMs);
  const retentionMs = durationMs(config.rooms.retentionMs);
  const publish = (...told: Parameters<typeof publisher.publish>) =>
    trouble.isSilent || publisher.publish(...told);
  const store = new MemoryRoomStore({
    memory,
    publish: (channel, event) => publish(channel, event),
    changed: () => {},
    retentionMs,
    maxRooms: config.rooms.maxRooms,
  });
  const memberStore = new MemoryMemberStore(memory, {
    publish: (channel, event, except) => publish(channel, event, except),
    channel: (audience, roomId, playerId) => store.channel(audience, roomId, playerId),
  });
  const failing = <Store extends object>(target: Store) =>
    delayedOrFailing(
      target,
      () => edge.storeIsReady(),
      () => trouble.isStoreAway,
    );
  const answers = failing(new MemoryAnswerStore(memory, { retentionMs }));
  const ids = new RandomIds();
  const clock = new MonotonicClock();
  const { idleMs, maxPlayers } = config.rooms;
  const server = await EdgeServer.start({
    service: new RoomService(failing(store), clock, ids, { idleMs: durationMs(idleMs) }),
    members: new MemberService(failing(memberStore), { maxPlayers }),
    answers: new AnswerService(answers, ids, { clamped: () => metrics.gateway.clampedAnswers.inc() }),
    outcomes: new OutcomeService(answers, failing(memberStore)),
    store,
    clock,
    ids,
    broadcast: {
      attach: (namespace) => publisher.attach(namespace),
      subscribed: async () => {
        if (trouble.isChannelDeaf) throw new Error('not confirmed');
      },
      onGap: (listener) => {
        gapListener = listener;
      },
      caughtUp: () => edge.catchUp(),
    },
    broadcasts,
    limits: new MemoryLimits(config.limits.shared),
    config,
    ready: async () => ({ store: !trouble.isUnready }),
    logger: createLogger({ name: 'edge', level: config.log.level }),
    metrics: metrics.gateway,
    server: 'quizbell/test',
  });
  const clients: TestClient[] = [];
  const connect = async () => {
    const client = await TestClient.connect(server.url);
    clients.push(client);
    return client;
  };
  const edge: TestEdge = {
    url: server.url,
    metrics,
    store,
    trouble,
    storeIsReady: async () => {},
    roster: (roomId) => memberStore.roster(roomId, { away: false }),
    tellPresence: async (roomId) => {
      await memberStore.tellStirred({ shard: 0, epoch: 1, ownerId: 'test' }, [{ roomId, run: null }]);
    },
    gap: () => gapListener([0]),
    catchUp: async () => {},
    connect,
    createRoom: async (settings) => {
      const { status, body } = await rest(`${server.url}/v1/rooms`, {
        body: settings === undefined ? {} : { settings },
      });
      if (status !== 201) throw new Error(`No room: ${status} ${JSON.stringify(body)}`);
      return body;
    },
    join: async (payload) => {
      const client = await connect();
      const ack = await client.call('room:join', payload);
      if (!ack.ok) throw new Error(`Not joined: ${JSON.stringify(ack.error)}`);
      return client;
    },
    count: async (name, labels) => {
      const { body } = await metrics.text();
      const line = body.split('\n').find((one) => one.startsWith(`${name}{${labels}}`));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
    stop: () => server.close(),
    close: async () => {
      for (const client of clients) client.close();
      await server.close();
    },
  };
  return edge;
}

/** The store, whose calls wait until it is ready, and fail while `isAway` says so. */
function delayedOrFailing<Store extends object>(
  store: Store,
  ready: () => Promise<void>,
  isAway: () => boolean,
): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const member = Reflect.get(target, name, target);
      if (typeof member !== 'function' || name === 'channel') return member;
      return async (...args: unknown[]) => {
        if (isAway()) throw new StoreUnavailableError('away');
        await ready();
        return Reflect.apply(member, target, args);
      };
    },
  });
}
