import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { RedisClient } from './script.definition.js';

/** Redis notices a dead peer, and a client a dead server, after about this long. */
const KEEP_ALIVE_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** A server that owes an answer for this long is given up: a host that vanished without a word sends no end either. */
const SILENCE_MS = 5_000;
/** A closing process waits this long for Redis to say goodbye. */
const QUIT_WITHIN_MS = 500;
/** A connection that is cut waits this long for the other side's end. */
const DISCONNECT_WITHIN_MS = 100;
/** Reconnects soon after a short outage, and at least twice a second for ever. */
const retryDelayMs = (attempt: number): number => Math.min(50 * attempt, 500);

export interface ConnectionOptions {
  /** `redis://`, `rediss://`, `redis+sentinel://h1,h2/<master>`, `redis+cluster://h1,h2`. */
  readonly url: string;
  /** After this long an unanswered command counts as failed; its effect is then unknown. */
  readonly timeoutMs: number;
  readonly name: string;
}

/**
 * What a connection is for. `commands` fails fast: nothing is queued while Redis is away and nothing is sent again, so
 * that no caller waits longer than the timeout. `subscriptions` and `blocking` reads retry for ever.
 */
export type ConnectionUse = 'commands' | 'subscriptions' | 'blocking';

function optionsFor(use: ConnectionUse, { timeoutMs, name }: ConnectionOptions): RedisOptions {
  const common: RedisOptions = {
    connectionName: name,
    keepAlive: KEEP_ALIVE_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    disconnectTimeout: DISCONNECT_WITHIN_MS,
    retryStrategy: retryDelayMs,
  };
  if (use !== 'commands') return { ...common, maxRetriesPerRequest: null };
  return {
    ...common,
    commandTimeout: timeoutMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
  };
}

interface ParsedUrl {
  readonly kind: 'standalone' | 'sentinel' | 'cluster';
  readonly hosts: { host: string; port: number }[];
  readonly path: string;
  readonly username?: string;
  readonly password?: string;
}

/**
 * Splits a URL with several hosts, which `URL` cannot.
 *
 * @throws Error that does not repeat the URL, which may hold a password
 */
export function parseRedisUrl(url: string): ParsedUrl {
  const match = /^(rediss?|redis\+sentinel|redis\+cluster):\/\/(?:([^/?]*)@)?([^/?]+)\/?([^?]*)/.exec(url);
  if (match === null) throw new Error('REDIS_URL is not a Redis address');
  const [, scheme = '', credentials, hosts = '', path = ''] = match;
  const kind =
    scheme === 'redis+sentinel' ? 'sentinel' : scheme === 'redis+cluster' ? 'cluster' : 'standalone';
  if (kind === 'sentinel' && path === '')
    throw new Error('REDIS_URL names no Sentinel master: redis+sentinel://h1,h2/<master>');
  // Only the first colon divides: a password may hold more of them.
  const [, username, password] = /^([^:]*):?(.*)$/s.exec(credentials ?? '')?.map(decoded) ?? [];
  const defaultPort = kind === 'sentinel' ? 26_379 : 6_379;
  return {
    kind,
    hosts: hosts.split(',').map((entry) => {
      const [host = '', port] = entry.split(/:(?=\d+$)/);
      return {
        host: host.replace(/^\[(.*)\]$/, '$1'),
        port: port === undefined ? defaultPort : Number(port),
      };
    }),
    path,
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('REDIS_URL has a % in its user or password that is not followed by two digits');
  }
}

/** Opens one connection. Errors of the connection go to `onError`; they never end the process. */
export function openRedis(
  use: ConnectionUse,
  options: ConnectionOptions,
  onError: (error: Error) => void,
): RedisClient {
  const { kind, hosts, path, username, password } = parseRedisUrl(options.url);
  const redisOptions = optionsFor(use, options);
  const login = { ...(username ? { username } : {}), ...(password ? { password } : {}) };
  const client = (() => {
    switch (kind) {
      case 'cluster': {
        const clusterOptions: ClusterOptions = {
          redisOptions: { ...redisOptions, ...login },
          enableOfflineQueue: use !== 'commands',
          shardedSubscribers: use === 'subscriptions',
          clusterRetryStrategy: retryDelayMs,
        };
        return new Cluster(hosts, clusterOptions);
      }
      case 'sentinel':
        return new Redis({
          ...redisOptions,
          ...login,
          sentinels: hosts,
          name: path,
          sentinelRetryStrategy: retryDelayMs,
        });
      case 'standalone':
        return new Redis(options.url, redisOptions);
      default:
        return kind satisfies never;
    }
  })();
  client.on('error', onError);
  return client;
}

/** Resolves when the client can take commands; rejects after `timeoutMs`. */
export async function whenReady(client: RedisClient, timeoutMs: number): Promise<void> {
  if (client.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      client.off('ready', ready);
      reject(new Error(`Redis did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
    const ready = () => {
      clearTimeout(timer);
      resolve();
    };
    client.once('ready', ready);
  });
}

/** Ends a connection: politely when Redis answers, at once otherwise, soon when it is connected but silent. */
export async function closeRedis(client: RedisClient): Promise<void> {
  if (client.status === 'end') return;
  if (client.status !== 'ready') {
    client.disconnect();
    return;
  }
  const tooLong = setTimeout(() => client.disconnect(), QUIT_WITHIN_MS);
  await client.quit().catch(() => client.disconnect());
  clearTimeout(tooLong);
}
