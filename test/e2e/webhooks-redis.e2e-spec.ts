import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  eventually,
  eventuallyPasses,
  type LooseJson,
  PATIENT,
  type RedisServer,
  rest,
  startRedisCluster,
  startRedisServer,
} from '#libs/testing';
import { outcomeOf } from './support/answer.client.js';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { closeAllClients, createRoom, type TestRoom } from './support/room.client.js';
import {
  expectHonest,
  startReceiver,
  stopAllReceivers,
  untilDelivered,
  type WebhookReceiver,
  webhookSecret,
} from './support/webhook.receiver.js';

const SECRET = webhookSecret();
const ENV = {
  QUIZBELL_WEBHOOK_SECRET: SECRET,
  QUIZBELL_WEBHOOK_TIMEOUT_MS: '1000',
  QUIZBELL_WEBHOOK_RETRY_MS: '50',
  QUIZBELL_WEBHOOK_RETRY_MAX_MS: '500',
  QUIZBELL_WEBHOOK_ATTEMPTS: '500',
};
const LONG_MS = 90_000;

let cluster: Cluster | undefined;
let receiver: WebhookReceiver;
let ends: (() => Promise<void>)[] = [];

beforeEach(async () => {
  receiver = await startReceiver(SECRET);
});
afterEach(async () => {
  closeAllClients();
  expectHonest(receiver);
  await stopAllReceivers();
  await cluster?.stop();
  for (const end of ends) await end();
  ends = [];
});
afterAll(() => cluster?.stop());

/** Plays a question over REST, in a room with the webhook; gives the id of its outcome. */
async function play({ a }: Cluster, room?: TestRoom): Promise<string> {
  const { roomId, hostToken } = room ?? (await createRoom(a.url, { webhook: receiver.url }));
  const post = async (path: string, body: object): Promise<LooseJson> => {
    const answer = await rest(`${a.url}/v1/rooms/${roomId}/question${path}`, { key: hostToken, body });
    expect(answer.status).toBe(200);
    return answer.body.snapshot;
  };
  const { runId } = await post('', { questionId: 'q1', durationMs: 60_000 });
  await post('/stop', { runId });
  return `outcome-${roomId}-${runId}`;
}

const playMany = (on: Cluster, count: number) => Promise.all(Array.from({ length: count }, () => play(on)));

describe('Redis', () => {
  it('that is killed while a receiver is down and comes back with its data: every outcome arrives', async () => {
    const server: RedisServer = await startRedisServer({
      args: ['--appendonly', 'yes', '--appendfsync', 'always'],
    });
    cluster = await startCluster('webhooks-restart', { redisUrl: server.url, env: ENV });
    await receiver.goDown();
    const queued = await playMany(cluster, 5);
    const jobs = () => cluster?.redis.keys(`${cluster.prefix}:{queue}:outcomes:outcome-*`);
    await eventually(async () => (await jobs())?.length === 5, { message: 'not all were queued' });
    const unsettled = await playMany(cluster, 5);
    await server.kill('SIGKILL');
    await server.restart();
    await receiver.comeUp();
    // What was not settled before the restart is told as after a loss of data, under an id of its own.
    const arrived = (id: string) => receiver.delivered().some((one) => one.startsWith(id));
    await eventually(() => [...queued, ...unsettled].every(arrived), { timeoutMs: LONG_MS, message: 'lost' });
    for (const { id, outcome } of receiver.messages) {
      expect(id).toMatch(outcome.afterDataLoss ? /-\d+-[0-9a-f]{16}$/ : /-\d+$/);
    }
    await untilDelivered(receiver, [await play(cluster)]);
  });

  it('as a Cluster: outcomes are queued and delivered whichever master holds their room', async () => {
    const redis = await startRedisCluster({ masters: 3 });
    ends.push(() => redis.stop());
    const [node] = redis.nodes;
    cluster = await startCluster('webhooks-cluster', {
      redisUrl: redis.url,
      ...(node === undefined ? {} : { lookUrl: node.url }),
      env: { ...PATIENT, ...ENV },
    });
    receiver.answer = ({ nth }) => (nth === 0 ? 503 : 200);
    await untilDelivered(receiver, await playMany(cluster, 12), LONG_MS);
  });
});

describe('a scheduler', () => {
  it('has no connection more as long as no room has a webhook, and then two', async () => {
    const server = await startRedisServer();
    cluster = await startCluster('webhooks-lazy', { redisUrl: server.url, env: { ...PATIENT, ...ENV } });
    const { redis } = cluster;
    const connections = async () => {
      const list = (await redis.client('LIST')) as string;
      // BullMQ gives its own connection a name of the queue.
      return list.split('\n').filter((line) => /name=(quizbell-scheduler-|.*queue)/.test(line)).length;
    };
    // Each of the eight shards has a reader of its own once it is taken.
    const READERS = 8;
    await eventually(async () => (await connections()) >= READERS, { message: 'the shards were not taken' });
    const room = await createRoom(cluster.a.url);
    await play(cluster, room);
    await outcomeOf(cluster.a.url, room, 'q1');
    const before = await connections();
    const id = await play(cluster);
    await untilDelivered(receiver, [id]);
    await eventuallyPasses(async () => expect(await connections()).toBe(before + 2));
  });
});
