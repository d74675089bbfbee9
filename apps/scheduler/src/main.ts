import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import {
  loadConfig,
  Metrics,
  NestLogger,
  OpsServer,
  processLogger,
  type Running,
  releaseVersion,
  runMain,
  startTraces,
} from '#libs/ops';
import { BOARD_PATH, startOutcomeSending } from '#libs/outcomes';
import { RedisBackend } from '#libs/redis-store';
import { OutcomeService } from '#libs/room';
import { SchedulingModule } from '#libs/scheduling';

/** The composition root of a scheduler: shards of the shared Redis, no port for clients. */
async function start(): Promise<Running> {
  const config = loadConfig(process.env, 'scheduler');
  const logger = processLogger(config);
  const { url, prefix, shards, timeoutMs } = config.redis;
  // Checked by loadConfig for this role.
  if (url === undefined) throw new TypeError('a scheduler has a Redis');
  const metrics = new Metrics();
  metrics.observeProcess();
  const backend = await RedisBackend.connect({
    url,
    prefix,
    shards,
    timeoutMs,
    retentionMs: config.rooms.retentionMs,
    processName: 'scheduler',
    logger,
    metrics: metrics.redis,
    onClockStep: () => metrics.scheduler.clockSteps.inc(),
  });
  for (const notice of [...config.notices, ...backend.warnings]) logger.warn(notice);
  // By this name its leases are found in Redis.
  logger.info({ processId: backend.processId }, 'Connected to Redis');
  await backend.introduce({ release: releaseVersion(), secrets: [] });

  const outcomes = startOutcomeSending({
    config,
    outcomes: new OutcomeService(backend.answers, backend.members),
    deliveries: backend.deliveries,
    queue: backend.queueConnections,
    logger,
    metrics,
  });

  const traces = await startTraces(config, logger);
  metrics.scheduler.shards.set(shards);
  let isStopping = false;
  // Before the first shard is taken, so that a port that cannot be had costs nobody an owner.
  const ops =
    config.opsPort === undefined
      ? undefined
      : await OpsServer.start({
          host: config.http.host,
          port: config.opsPort,
          ready: async () =>
            isStopping
              ? { accepting: false }
              : { ...(await backend.checks()), shards: backend.isOwningOrStandby, accepting: true },
          metrics,
          page: outcomes.board && { path: BOARD_PATH, handle: outcomes.board },
        });
  if (ops !== undefined) logger.info({ port: ops.port }, 'Health and metrics');

  const app = await NestFactory.createApplicationContext(
    SchedulingModule.register({
      store: backend.store,
      presence: backend.members,
      outcomes,
      ownership: backend.ownership(),
      clock: backend.clock,
      logger,
      metrics: metrics.scheduler,
      ...(traces === undefined ? {} : { traces }),
      auditEveryMs: config.auditEveryMs,
    }),
    { logger: new NestLogger(logger), abortOnError: false },
  );
  process.stdout.write('Quizbell scheduler is ready\n');

  return {
    stop: async () => {
      isStopping = true;
      await app.close();
      await outcomes.stop();
      await ops?.close();
      await backend.close();
      await traces?.close();
    },
  };
}

runMain(start);
