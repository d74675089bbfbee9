import type { DeploymentFacts, InstallationFacts, LivingProcess, RedisRefusal } from './deployment.facts.js';
import { parseCard, redisNow } from './process.card.js';
import { closeRedis, mastersOf, openRedis } from './redis.connection.js';
import { GATEWAY_LIFETIME_MS } from './redis.member.store.js';
import { KeySpace } from './room.keys.js';
import { type RedisClient, ScriptRunner } from './script.definition.js';
import { inspectServer } from './server.inspection.js';
import { clockScript } from './store.scripts.js';

export interface InspectionOptions {
  readonly url: string;
  readonly prefix: string;
  /** What is expected where nothing is laid down yet. */
  readonly shards: number;
  /** An unanswered command is given up after this (ms). */
  readonly timeoutMs: number;
  /** How long the first contact may take (ms). */
  readonly connectWithinMs: number;
}

/** A scheduler beats five times a second; one that is silent for so long (ms) is gone. */
const SCHEDULER_SILENCE_MS = 2_000;

/**
 * Looks at the Redis of a deployment and at what its processes have laid down there. Writes nothing.
 *
 * @throws Error for an address that is none; it does not repeat it
 */
export async function inspectDeployment(options: InspectionOptions): Promise<DeploymentFacts> {
  const { url, timeoutMs, connectWithinMs } = options;
  let onError = (_error: Error): void => {};
  const redis = openRedis('commands', { url, timeoutMs, name: 'quizbell-doctor' }, (error) => onError(error));
  try {
    const refusal = await new Promise<RedisRefusal | undefined>((resolve) => {
      let lastWords = `Redis could not be used within ${connectWithinMs} ms`;
      const timer = setTimeout(() => settle(refusalOf(lastWords)), connectWithinMs);
      const settle = (result: RedisRefusal | undefined) => {
        clearTimeout(timer);
        resolve(result);
      };
      onError = (error) => {
        lastWords = innermost(error);
        // Of anything else it is tried again; who is refused once will be refused again.
        if (refusalOf(lastWords).kind !== 'unreachable') settle(refusalOf(lastWords));
      };
      if (redis.status === 'ready') settle(undefined);
      else redis.once('ready', () => settle(undefined));
    });
    if (refusal !== undefined) return { refusal };
    const servers = await Promise.all(mastersOf(redis).map((master) => inspectServer(master)));
    const installation = await inspectInstallation(redis, options).catch((error: Error) => innermost(error));
    return { refusal: undefined, servers, installation };
  } catch (error) {
    return { refusal: refusalOf(innermost(error as Error)) };
  } finally {
    await closeRedis(redis);
  }
}

function refusalOf(message: string): RedisRefusal {
  if (/WRONGPASS|NOAUTH|invalid password|invalid username/i.test(message))
    return { kind: 'password', message };
  return { kind: /NOPERM/.test(message) ? 'forbidden' : 'unreachable', message };
}

/** A Cluster tells the reason of each server inside its own error. */
function innermost(error: Error & { lastNodeError?: Error }): string {
  const { message } = error.lastNodeError ?? error;
  return message === '' && error.cause instanceof Error ? error.cause.message : message;
}

async function inspectInstallation(
  redis: RedisClient,
  { prefix, shards: expected }: InspectionOptions,
): Promise<InstallationFacts> {
  const kept = await redis.hget(new KeySpace(prefix, 1).meta, 'shards');
  const shards = kept === null ? undefined : Number(kept);
  const keys = new KeySpace(prefix, shards ?? expected);
  const now = await redisNow(redis);
  const [beating, cards] = await Promise.all([
    redis.zrangebyscore(keys.schedulers, now - SCHEDULER_SILENCE_MS, '+inf'),
    redis.hgetall(keys.processes),
  ]);
  const schedulers = new Set(beating);
  const looks = await Promise.all(
    Array.from({ length: keys.shards }, (_, shard) => inspectShard(new ScriptRunner(redis), keys, shard)),
  );
  const gateways = new Set(looks.flatMap((look) => look.gateways));
  const processes = [...new Set([...gateways, ...schedulers])].sort().map((id): LivingProcess => {
    const card = parseCard(cards[id] ?? '');
    return {
      id,
      isGateway: gateways.has(id),
      isScheduler: schedulers.has(id),
      release: card?.release,
      secrets: card?.secrets ?? [],
    };
  });
  const ownerlessShards = looks.flatMap((look, shard) => (look.isOwned ? [] : [shard]));
  return { shards, ownerlessShards, processes };
}

async function inspectShard(
  scripts: ScriptRunner,
  keys: KeySpace,
  shard: number,
): Promise<{ isOwned: boolean; gateways: string[] }> {
  const { owner, gateways } = keys.shard(shard);
  const [until, heartbeats] = await Promise.all([
    scripts.redis.hget(owner, 'until'),
    scripts.redis.hgetall(gateways),
  ]);
  // After them: whoever beat since is alive all the more.
  const { serverAt: at } = await scripts.run(clockScript, { owner });
  return {
    isOwned: Number(until ?? 0) > at,
    gateways: Object.entries(heartbeats)
      .filter(([, beatAt]) => at - Number(beatAt) < GATEWAY_LIFETIME_MS)
      .map(([id]) => id),
  };
}
