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
  startTraces,
} from '#libs/ops';
import { BOARD_PATH, startOutcomeSending } from '#libs/outcomes';
import { AnswerService, MemberService, OutcomeService, RoomService } from '#libs/room';
import { Scheduler } from '#libs/scheduling';
import { durationMs } from '#libs/timer-core';
import { memoryBackend } from './memory.backend.js';
import { redisBackend } from './redis.backend.js';

// Gateway and scheduler in one process; without REDIS_URL its rooms are in its memory, and it needs nothing else.

/** What a stop may take besides giving clients the time to go (ms). */
const STOP_BESIDE_DRAIN_MS = 4_000;
/** `dist/web`, beside `dist/apps`. */
const PAGES = resolve(import.meta.dirname, '../../../web');

runMain(() => startStandalone(loadConfig(process.env, 'standalone')));

async function startStandalone(config: Config): Promise<Running> {
  const logger = processLogger(config);
  for (const notice of config.notices) logger.warn(notice);
  const metrics = new Metrics();
  metrics.observeProcess();
  const traces = await startTraces(config, logger);
  const broadcasts = new EdgeBroadcasts(metrics.gateway, traces);
  const { redis, rooms, http } = config;
  const backend =
    redis.url === undefined
      ? memoryBackend(config, broadcasts)
      : await redisBackend(config, redis.url, broadcasts, logger, metrics);
  for (const warning of backend.warnings) logger.warn(warning);
  const { store, clock, ownership, broadcast } = backend;
  await backend.startHeartbeat();
  const ids = new RandomIds();
  const outcomes = new OutcomeService(backend.answers, backend.members);
  const sending = startOutcomeSending({
    config,
    outcomes,
    deliveries: backend.deliveries,
    queue: backend.queue,
    logger,
    metrics,
  });
  const edge = await EdgeServer.start({
    service: new RoomService(tracedStore(store, traces), clock, ids, {
      idleMs: durationMs(rooms.idleMs),
    }),
    members: new MemberService(backend.members, { maxPlayers: rooms.maxPlayers }),
    answers: new AnswerService(backend.answers, ids, { clamped: () => metrics.gateway.clampedAnswers.inc() }),
    outcomes,
    store,
    clock,
    ids,
    broadcast,
    broadcasts,
    limits: backend.limits,
    config,
    ready: () => backend.checks(),
    logger,
    metrics: metrics.gateway,
    ...(traces === undefined ? {} : { traces }),
    ...(http.hasPages ? { pages: PAGES } : {}),
    server: `quizbell/${releaseVersion()}`,
  });
  // Only with its port: a second start on a taken one must not take shards from those who run.
  const scheduler = new Scheduler({
    store,
    presence: backend.members,
    outcomes: sending,
    ownership,
    clock,
    logger,
    metrics: metrics.scheduler,
    ...(traces === undefined ? {} : { traces }),
    auditEveryMs: config.auditEveryMs,
  });
  metrics.scheduler.shards.set(store.shards);
  await scheduler.start();
  const ops =
    config.opsPort === undefined
      ? undefined
      : await OpsServer.start({
          host: http.host,
          port: config.opsPort,
          ready: edge.ready,
          metrics,
          page: sending.board && { path: BOARD_PATH, handle: sending.board },
        });
  if (ops !== undefined) logger.info({ port: ops.port }, 'health and metrics are served');
  console.log(`Quizbell is ready on ${edge.url}`);

  return {
    stopWithinMs: http.drainMs + STOP_BESIDE_DRAIN_MS,
    stop: async () => {
      await edge.close();
      await scheduler.stop();
      await sending.stop();
      await ops?.close();
      await backend.close();
      await traces?.close();
    },
  };
}
