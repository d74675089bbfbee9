import { EdgeBroadcasts, EdgeServer } from '#libs/edge';
import {
  type Config,
  createLogger,
  loadConfig,
  Metrics,
  OpsServer,
  RandomIds,
  type Running,
  releaseVersion,
  runMain,
} from '#libs/ops';
import { AnswerService, MemberService, OutcomeService, RoomService } from '#libs/room';
import { Scheduler } from '#libs/scheduling';
import { durationMs } from '#libs/timer-core';
import { memoryBackend } from './memory.backend.js';
import { redisBackend } from './redis.backend.js';

// Gateway and scheduler in one process; without REDIS_URL its rooms are in its memory, and it needs nothing else.

/** What a stop may take besides giving clients the time to go (ms). */
const STOP_BESIDE_DRAIN_MS = 4_000;

runMain(() => startStandalone(loadConfig(process.env, 'standalone')));

async function startStandalone(config: Config): Promise<Running> {
  for (const notice of config.notices) console.log(`Note: ${notice}`);
  const logger = createLogger({ name: 'standalone', level: config.log.level });
  const metrics = new Metrics();
  metrics.observeProcess();
  const broadcasts = new EdgeBroadcasts(metrics);
  const { redis, rooms, http } = config;
  const backend =
    redis.url === undefined
      ? memoryBackend(config, broadcasts)
      : await redisBackend(config, redis.url, broadcasts, logger, metrics);
  for (const warning of backend.warnings) logger.warn(warning);
  const { store, clock, ownership, broadcast } = backend;
  await backend.startHeartbeat();
  const ids = new RandomIds();
  const edge = await EdgeServer.start({
    service: new RoomService(store, clock, ids, {
      idleMs: durationMs(rooms.idleMs),
    }),
    members: new MemberService(backend.members, { maxPlayers: rooms.maxPlayers }),
    answers: new AnswerService(backend.answers, ids, { clamped: () => metrics.clampedAnswers.inc() }),
    outcomes: new OutcomeService(backend.answers, backend.members),
    store,
    clock,
    ids,
    broadcast,
    broadcasts,
    limits: backend.limits,
    config,
    ready: async () => ({ store: await backend.ready() }),
    logger,
    metrics,
    server: `quizbell/${releaseVersion()}`,
  });
  // Only with its port: a second start on a taken one must not take shards from those who run.
  const scheduler = new Scheduler({
    store,
    presence: backend.members,
    ownership,
    clock,
    logger,
    metrics,
    auditEveryMs: config.auditEveryMs,
  });
  await scheduler.start();
  const ops =
    config.opsPort === undefined
      ? undefined
      : await OpsServer.start({ host: http.host, port: config.opsPort, ready: edge.ready, metrics });
  if (ops !== undefined) logger.info({ port: ops.port }, 'health and metrics are served');
  console.log(`Quizbell is ready on ${edge.url}`);

  return {
    stopWithinMs: http.drainMs + STOP_BESIDE_DRAIN_MS,
    stop: async () => {
      await edge.close();
      await scheduler.stop();
      await ops?.close();
      await backend.close();
    },
  };
}
