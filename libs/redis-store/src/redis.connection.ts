import calculateSlot from 'cluster-key-slot';
import {
  Cluster,
  type ClusterNode,
  type ClusterOptions,
  Redis,
  type RedisOptions,
  SentinelConnector,
} from 'ioredis';
import { gatherWrites } from './gathered.writes.js';
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
/** A Sentinel that does not answer within this time is passed over. */
const SENTINEL_TIMEOUT_MS = 1_000;
/** How soon a Sentinel that went away is asked again to tell of a fail-over. */
const SENTINEL_RETRY_MS = 5_000;
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
    // A master that became a replica behind the same address.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
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

/**
 * A client of a Cluster that fails fast. Its own queue of commands, for the time until the Cluster is known, has no
 * timeout, so nothing may get into it; what waits for a master's connection is given up after the timeout. And what was
 * under way on a connection that broke is not sent again: it may have been done.
 */
class CommandCluster extends Cluster {
  constructor(
    hosts: ClusterNode[],
    options: ClusterOptions,
    private readonly timeoutMs: number,
  ) {
    super(hosts, {
      ...options,
      redisOptions: { ...options.redisOptions, replyMapping: 'legacy' },
      enableOfflineQueue: true,
      retryDelayOnFailover: 0,
    });
  }

  override sendCommand(...args: Parameters<Cluster['sendCommand']>): unknown {
    const [command] = args;
    // What the client asks for itself to get ready.
    const isInternal = command.name === 'cluster';
    if (this.status !== 'ready' && !isInternal) {
      command.reject(new Error('the Redis Cluster is not connected'));
      return command.promise;
    }
    command.setTimeout(this.timeoutMs);
    return super.sendCommand(...args);
  }
}

/**
 * Asks the Sentinels until it knows the master, or the client is being closed. ioredis' own gives up for good what is cut in
 * the moment in which it asks: and the detector of the connection before cuts it in just that moment when it hears of the
 * fail-over, so that a process that had lost its master came back without ears.
 */
function lastingConnector(isClosing: () => boolean): NonNullable<RedisOptions['Connector']> {
  return class extends SentinelConnector {
    constructor(options: unknown) {
      super(options as ConstructorParameters<typeof SentinelConnector>[0]);
    }

    override async connect(
      ...args: Parameters<SentinelConnector['connect']>
    ): ReturnType<SentinelConnector['connect']> {
      for (;;) {
        try {
          const stream = await super.connect(...args);
          stream.once('close', () => this.closed(stream));
          return stream;
        } catch (failure) {
          // With a strategy for retries it fails for no other reason than that it was cut.
          if (isClosing()) throw failure;
        }
      }
    }

    /** After a QUIT ioredis' own leaves alone what listens to the Sentinels for a fail-over: no process would end by itself. */
    private closed(stream: unknown): void {
      if (!isClosing() || stream !== this.stream) return;
      // There is nothing to end any more, and nothing to wait for.
      Object.assign(this, { stream: undefined });
      this.disconnect();
    }
  };
}

/** All servers that hold data: the masters of a Cluster, or the one server. */
export const mastersOf = (client: RedisClient): Redis[] =>
  client instanceof Cluster ? client.nodes('master') : [client];

/**
 * Opens a connection for reads that block on one key: on a Cluster straight to the master that holds it, so that such a
 * connection neither needs the other masters nor waits for them. There it ends with its first failure, since the key may
 * be somewhere else by then; open another one.
 *
 * @throws Error when nobody is known to hold the key
 */
export function openReader(
  commands: RedisClient,
  key: string,
  options: ConnectionOptions,
  onError: (error: Error) => void,
): RedisClient {
  if (!(commands instanceof Cluster)) return openRedis('blocking', options, onError);
  const [address] = commands.slots[calculateSlot(key)] ?? [];
  if (address === undefined) throw new Error('no master of the Redis Cluster is known to hold the key');
  const colon = address.lastIndexOf(':');
  const reader = new Redis({
    ...optionsFor('blocking', options),
    ...loginOf(parseRedisUrl(options.url)),
    host: address.slice(0, colon),
    port: Number(address.slice(colon + 1)),
    retryStrategy: () => null,
  });
  reader.on('error', onError);
  return reader;
}

const loginOf = ({ username, password }: ParsedUrl) => ({
  ...(username ? { username } : {}),
  ...(password ? { password } : {}),
});

/** Opens one connection. Errors of the connection go to `onError`; they never end the process. */
export function openRedis(
  use: ConnectionUse,
  options: ConnectionOptions,
  onError: (error: Error) => void,
): RedisClient {
  const parsed = parseRedisUrl(options.url);
  const { kind, hosts, path } = parsed;
  const redisOptions = optionsFor(use, options);
  const login = loginOf(parsed);
  const client = (() => {
    switch (kind) {
      case 'cluster': {
        const clusterOptions: ClusterOptions = {
          redisOptions: { ...redisOptions, ...login },
          shardedSubscribers: use === 'subscriptions',
          clusterRetryStrategy: retryDelayMs,
        };
        return use === 'commands'
          ? new CommandCluster(hosts, clusterOptions, options.timeoutMs)
          : new Cluster(hosts, clusterOptions);
      }
      case 'sentinel': {
        const redis: Redis = new Redis({
          ...redisOptions,
          ...login,
          sentinels: hosts,
          name: path,
          sentinelRetryStrategy: retryDelayMs,
          sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
          sentinelReconnectStrategy: () => SENTINEL_RETRY_MS,
          // A master that hangs when it is replaced ends no connection: subscribers would listen to it for ever. Blocking
          // reads notice its silence.
          failoverDetector: use !== 'blocking',
          // biome-ignore lint/complexity/useLiteralKeys: the brackets reach a private field
          Connector: lastingConnector(() => redis['manuallyClosing']),
        });
        return redis;
      }
      case 'standalone':
        return new Redis(options.url, redisOptions);
      default:
        return kind satisfies never;
    }
  })();
  client.on('error', onError);
  if (use === 'subscriptions') takeUpRejections(client);
  if (use === 'commands') gatherWrites(client);
  return client;
}

/**
 * ioredis subscribes again after a reconnection and awaits none of it: a connection that is closed meanwhile would end the
 * process by an unhandled rejection. Who calls these itself still gets the rejection.
 */
function takeUpRejections(client: RedisClient): void {
  for (const name of ['subscribe', 'ssubscribe'] as const) {
    const send = client[name].bind(client) as (...args: unknown[]) => Promise<unknown>;
    const watched = (...args: unknown[]) => {
      const reply = send(...args);
      reply.catch(() => {});
      return reply;
    };
    Object.assign(client, { [name]: watched });
  }
}

/** Resolves when the client can take commands; rejects after `timeoutMs`. */
export async function whenReady(client: RedisClient, timeoutMs: number): Promise<void> {
  if (client.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    let lastError = '';
    const failed = (error: Error) => {
      lastError = `: ${error.message}`;
    };
    client.on('error', failed);
    const timer = setTimeout(() => {
      client.off('ready', ready);
      client.off('error', failed);
      reject(new Error(`Redis could not be used within ${timeoutMs} ms${lastError}`));
    }, timeoutMs);
    const ready = () => {
      clearTimeout(timer);
      client.off('error', failed);
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
