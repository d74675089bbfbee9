import { resolve } from 'node:path';
import { EdgeBroadcasts, EdgeServer, tracedStore } from '#libs/edge';
import {
  type Config,
  loadConfig,
  Metrics,
  OpsServer,
  processLogger,
  RandomIds,
  type Running,
  releaseVersion,
  runMain,
  secretFingerprints,
  startTraces,
} from '#libs/ops';
import { RedisBackend } from '#libs/redis-store';
import { AnswerService, MemberService, OutcomeService, RoomService } from '#libs/room';
import { durationMs } from '#libs/timer-core';

// A gateway: the stateless edge in front of rooms that live in Redis. Any number of them serve the same rooms.

/** What a stop may take besides giving clients the time to go (ms). */
const STOP_BESIDE_DRAIN_MS = 4_000;
/** `dist/web`, beside `dist/apps`. */
const PAGES = resolve(import.meta.dirname, '../../../web');

runMain(() => startGateway(loadConfig(process.env, 'gateway')));

async function startGateway(config: Config): Promise<Running> {
  const logger = processLogger(config);
  for (const notice of config.notices) logger.warn(notice);
  const metrics = new Metrics();
  metrics.observeProcess();
  const traces = await startTraces(config, logger);
  const broadcasts = new EdgeBroadcasts(metrics.gateway, traces);
  const { redis, rooms, http } = config;
  const backend = await RedisBackend.connect({
    url: redis.url ?? '',
    prefix: redis.prefix,
    shards: redis.shards,
    timeoutMs: redis.timeoutMs,
    retentionMs: rooms.retentionMs,
    maxRooms: rooms.maxRooms,
    processName: 'gateway',
    logger,
    metrics: metrics.redis,
  });
  for (const warning of backend.warnings) logger.warn(warning);
  await backend.introduce({
    release: releaseVersion(),
    secrets: secretFingerprints(config.access.secrets, redis.prefix),
  });
  // Before the first member can come: members of a gateway without a heartbeat do not count.
  await backend.startHeartbeat();
  const ids = new RandomIds();
  const edge = await EdgeServer.start({
    service: new RoomService(tracedStore(backend.store, traces), backend.clock, ids, {
      idleMs: durationMs(rooms.idleMs),
    }),
    members: new MemberService(backend.members, { maxPlayers: rooms.maxPlayers }),
    answers: new AnswerService(backend.answers, ids, { clamped: () => metrics.gateway.clampedAnswers.inc() }),
    outcomes: new OutcomeService(backend.answers, backend.members),
    store: backend.store,
    clock: backend.clock,
    ids,
    broadcast: await backend.socketAdapter({ observe: broadcasts.observe }),
    broadcasts,
    limits: backend.limits(config.limits.shared),
    config,
    ready: async () => ({ ...(await backend.checks()), subscriptions: backend.isHearing }),
    logger,
    metrics: metrics.gateway,
    ...(traces === undefined ? {} : { traces }),
    ...(http.hasPages ? { pages: PAGES } : {}),
    server: `quizbell/${releaseVersion()}`,
  });
  const ops =
    config.opsPort === undefined
      ? undefined
      : await OpsServer.start({ host: http.host, port: config.opsPort, ready: edge.ready, metrics });
  if (ops !== undefined) logger.info({ port: ops.port }, 'health and metrics are served');
  console.log(`Quizbell gateway is ready on ${edge.url}`);

  return {
    stopWithinMs: http.drainMs + STOP_BESIDE_DRAIN_MS,
    stop: async () => {
      await edge.close();
      await ops?.close();
      await backend.close();
      await traces?.close();
    },
  };
}
