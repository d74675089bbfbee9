import type { EdgeBroadcasts } from '#libs/edge';
import type { Config, Logger, Metrics } from '#libs/ops';
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
    onClockStep: () => metrics.clockSteps.inc(),
  });
  return {
    store: backend.store,
    members: backend.members,
    answers: backend.answers,
    clock: backend.clock,
    ownership: backend.ownership(),
    limits: backend.limits(config.limits.shared),
    broadcast: await backend.socketAdapter({ observe: broadcasts.observe }),
    warnings: backend.warnings,
    ready: async () => backend.isHearing && (await backend.ready()),
    startHeartbeat: () => backend.startHeartbeat(),
    close: () => backend.close(),
  };
}
