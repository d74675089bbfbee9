import { eventually } from './eventually.wait.js';
import { closeRedisClient, redisClient } from './redis.harness.js';
import { freePort, type RedisServer, startRedisServer } from './redis.server.js';

export interface RedisClusterOptions {
  /** How many masters share the slots (3); there are no replicas. */
  masters?: number;
  /** More arguments of each server: `['--appendonly', 'yes']` lets a master come back with its data. */
  args?: readonly string[];
}

/** A Redis Cluster of the test's own on 127.0.0.1: real processes, whose masters it may kill, freeze and restart. */
export interface RedisCluster {
  /** `redis+cluster://` with all masters. */
  readonly url: string;
  /** The masters, in the order of their slots. */
  readonly nodes: readonly RedisServer[];
  /** The master that owns the slot. */
  nodeOfSlot(slot: number): RedisServer;
  stop(): Promise<void>;
}

const SLOTS = 16_384;
/** A master counts as failed after this long: longer than the freezes of tests, which are no failures. */
const NODE_TIMEOUT_MS = 15_000;
const FORM_WITHIN_MS = 60_000;
const PORT_TRIES = 5;

/**
 * Starts masters and makes a cluster of them. Without `args` that say otherwise they persist nothing: a master that is
 * restarted comes back as the same node with the same slots, empty. For its first 2 s it serves nobody; Redis wants so.
 *
 * @throws Error if there is no `redis-server`, or the cluster does not form in 60 s
 */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { masters = 3, args = [] } = options;
  const started = await Promise.allSettled(Array.from({ length: masters }, () => startNode(args)));
  const members = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const nodes = members.map(({ server }) => server);
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    for (const result of started) if (result.status === 'rejected') throw result.reason;
    await form(members);
  } catch (failure) {
    await stop();
    throw failure;
  }
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    nodeOfSlot: (slot) => {
      const node = nodes.find((_, i) => slot <= lastSlotOf(i, masters));
      if (node === undefined) throw new RangeError(`no slot ${slot}`);
      return node;
    },
    stop,
  };
}

interface Member {
  readonly server: RedisServer;
  readonly busPort: number;
}

/** As `redis-cli --cluster create` divides them. */
const lastSlotOf = (node: number, masters: number): number =>
  node === masters - 1 ? SLOTS - 1 : Math.round(((node + 1) * SLOTS) / masters - 1);

async function startNode(args: readonly string[]): Promise<Member> {
  for (let tries = 1; ; tries += 1) {
    // Redis' own choice, the port plus 10,000, would lie in the range of outgoing connections.
    const busPort = await freePort();
    try {
      const server = await startRedisServer({
        args: [
          ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
          // Without it a node of a loopback cluster tells clients the address it was met from, or none.
          ...['--cluster-announce-ip', '127.0.0.1'],
          ...['--cluster-node-timeout', String(NODE_TIMEOUT_MS)],
          // As operators are told to: one lost master must not take the rooms of the others with it.
          ...['--cluster-require-full-coverage', 'no'],
          ...args,
        ],
      });
      return { server, busPort };
    } catch (failure) {
      if (tries >= PORT_TRIES) throw failure;
    }
  }
}

async function form(members: readonly Member[]): Promise<void> {
  const clients = members.map(({ server }) => redisClient(server.url));
  try {
    const [first] = clients;
    for (const [i, client] of clients.entries()) {
      const from = i === 0 ? 0 : lastSlotOf(i - 1, members.length) + 1;
      await client.cluster('ADDSLOTSRANGE', from, lastSlotOf(i, members.length));
      await client.cluster('SET-CONFIG-EPOCH', i + 1);
    }
    for (const { server, busPort } of members.slice(1)) {
      await first?.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort);
    }
    for (const client of clients) {
      await eventually(
        async () => {
          const info = String(await client.cluster('INFO'));
          const slots = (await client.cluster('SLOTS')) as unknown[];
          return (
            info.includes('cluster_state:ok') &&
            info.includes(`cluster_slots_ok:${SLOTS}`) &&
            slots.length === members.length
          );
        },
        { timeoutMs: FORM_WITHIN_MS, everyMs: 20, message: 'the Redis Cluster did not form' },
      );
    }
  } finally {
    await Promise.all(clients.map(closeRedisClient));
  }
}
