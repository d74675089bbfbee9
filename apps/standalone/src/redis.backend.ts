import type { EdgeBroadcasts } from '#libs/edge';
import { type Config, type Logger, type Metrics, releaseVersion, secretFingerprints } from '#libs/ops';
import { RedisBackend } from '#libs/redis-store';
import type { RoomBackend } from './room.backend.js';

/**
 * Rooms in Redis, which outlive this process and may be shared with others.
 *
 * @throws Error with `problems` for a Redis that cannot be used
 */
export async function redisBackend(
  config: Config,
  url: string,
  broadcasts: EdgeBroadcasts,
  logger: Logger,
  metrics: Metrics,
): Promise<RoomBackend> {
  const { redis, rooms } = config;
  const backend = await RedisBackend.connect({
    url,
    prefix: redis.prefix,
    shards: redis.shards,
    timeoutMs: redis.timeoutMs,
    retentionMs: rooms.retentionMs,
    maxRooms: rooms.maxRooms,
    processName: 'standalone',
    logger,
    metrics: metrics.redis,
    onClockStep: () => metrics.scheduler.clockSteps.inc(),
  });
  await backend.introduce({
    release: releaseVersion(),
    secrets: secretFingerprints(config.access.secrets, redis.prefix),
  });
  return {
    store: backend.store,
    members: backend.members,
    answers: backend.answers,
    deliveries: backend.deliveries,
    queue: backend.queueConnections,
    clock: backend.clock,
    ownership: backend.ownership(),
    limits: backend.limits(config.limits.shared),
    broadcast: await backend.socketAdapter({ observe: broadcasts.observe }),
    warnings: backend.warnings,
    checks: async () => ({
      ...(await backend.checks()),
      subscriptions: backend.isHearing,
      shards: backend.isOwningOrStandby,
    }),
    startHeartbeat: () => backend.startHeartbeat(),
    close: () => backend.close(),
  };
}
