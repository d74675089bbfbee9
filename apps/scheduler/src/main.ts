import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { createLogger, loadConfig, Metrics, NestLogger, OpsServer, type Running, runMain } from '#libs/ops';
import { RedisBackend } from '#libs/redis-store';
import { SchedulingModule } from '#libs/scheduling';

/** The composition root of a scheduler: shards of the shared Redis, no port for clients. */
async function start(): Promise<Running> {
  const config = loadConfig(process.env, 'scheduler');
  const logger = createLogger({ name: 'scheduler', level: config.log.level });
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
    onClockStep: () => metrics.clockSteps.inc(),
  });
  for (const notice of [...config.notices, ...backend.warnings]) logger.warn(notice);
  // By this name its leases are found in Redis.
  logger.info({ processId: backend.processId }, 'Connected to Redis');

  // Before the first shard is taken, so that a port that cannot be had costs nobody an owner.
  const ops =
    config.opsPort === undefined
      ? undefined
      : await OpsServer.start({
          host: config.http.host,
          port: config.opsPort,
          ready: async () => ({ redis: await backend.ready() }),
          metrics,
        });
  if (ops !== undefined) logger.info({ port: ops.port }, 'Health and metrics');

  const app = await NestFactory.createApplicationContext(
    SchedulingModule.register({
      store: backend.store,
      presence: backend.members,
      ownership: backend.ownership(),
      clock: backend.clock,
      logger,
      metrics,
      auditEveryMs: config.auditEveryMs,
    }),
    { logger: new NestLogger(logger), abortOnError: false },
  );
  process.stdout.write('Quizbell scheduler is ready\n');

  return {
    stop: async () => {
      await app.close();
      await ops?.close();
      await backend.close();
    },
  };
}

runMain(start);
