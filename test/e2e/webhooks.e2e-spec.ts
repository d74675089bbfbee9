import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  eventually,
  eventuallyPasses,
  type LooseJson,
  rest,
  runProcess,
  startScheduler,
  startStandalone,
  type TestProcess,
} from '#libs/testing';
import { answer, outcomeOf } from './support/answer.client.js';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { holdAfter } from './support/holding.proxy.js';
import { expectProblem } from './support/refusal.matcher.js';
import {
  closeAllClients,
  commandSnapshot,
  createRoom,
  hostOf,
  playerOf,
  startOf,
  type TestMember,
  type TestRoom,
} from './support/room.client.js';
import {
  expectHonest,
  startReceiver,
  stopAllReceivers,
  untilDelivered,
  type WebhookReceiver,
  webhookSecret,
} from './support/webhook.receiver.js';

const OLD_SECRET = webhookSecret();
const SECRET = webhookSecret();
/** Tries go on for minutes, a few a second: hours, in the time of a test. */
const FAST = {
  QUIZBELL_WEBHOOK_SECRET: `${SECRET},${OLD_SECRET}`,
  // A receiver that hangs is given up then; one that stood still with its machine is not asked twice.
  QUIZBELL_WEBHOOK_TIMEOUT_MS: '10000',
  QUIZBELL_WEBHOOK_RETRY_MS: '50',
  QUIZBELL_WEBHOOK_RETRY_MAX_MS: '500',
  QUIZBELL_WEBHOOK_ATTEMPTS: '500',
  // Rooms are played as fast as they go.
  QUIZBELL_RATE_CONNECTIONS: 'off',
  QUIZBELL_RATE_JOINS: 'off',
  QUIZBELL_RATE_REST: 'off',
};
/** How long a receiver is away: a tenth of what is promised, and all of it where somebody has the time. */
const DOWN_MS = Number(process.env.QUIZBELL_TEST_DOWN_MS ?? 6_000);
/** A scheduler that was killed gives its deliveries free after 15 s at most. */
const STALLED_MS = 100_000;

let cluster: Cluster;
let receiver: WebhookReceiver;

beforeAll(async () => {
  cluster = await startCluster('webhooks', { env: FAST });
});
beforeEach(async () => {
  receiver = await startReceiver(SECRET);
});
afterEach(async () => {
  closeAllClients();
  expectHonest(receiver);
  await stopAllReceivers();
});
afterAll(() => cluster?.stop());

interface Played {
  readonly room: TestRoom;
  readonly host: TestMember;
  readonly player: TestMember;
  readonly runId: number;
  readonly id: string;
}

/** A room with the webhook in which one question was played; it settles a second later. */
async function play(url: string, settings: object = { webhook: receiver.url }): Promise<Played> {
  const room = await createRoom(url, settings);
  const [host, player] = await Promise.all([hostOf(url, room), playerOf(url, room, { name: 'Ada' })]);
  return { room, host, player, ...(await playAgain(room, host, player)) };
}

async function playAgain(room: TestRoom, host: TestMember, player: TestMember) {
  const { runId } = await commandSnapshot(host.client, 'question:start', startOf('q1', { correct: 'b' }));
  await answer(player.client, 'q1', 'b');
  await commandSnapshot(host.client, 'question:stop');
  return { runId, id: `outcome-${room.roomId}-${runId}` };
}

const playMany = (count: number): Promise<Played[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => play(cluster[i % 2 ? 'a' : 'b'].url)));

const idsOf = (played: readonly Played[]): string[] => played.map(({ id }) => id);
const bodyOf = (id: string): LooseJson => receiver.messages.find((message) => message.id === id)?.outcome;

function outcomes(...args: string[]) {
  return runProcess({
    name: 'outcomes',
    script: 'dist/apps/cli/src/main.js',
    args: ['outcomes', ...args],
    env: { REDIS_URL: cluster.redisUrl, QUIZBELL_KEY_PREFIX: cluster.prefix },
  });
}

describe('a settled run', () => {
  it('is told to the webhook of its room, signed by every secret, with the outcome as the body', async () => {
    const { room, id, runId } = await play(cluster.a.url);
    await untilDelivered(receiver, [id]);
    expect(bodyOf(id)).toEqual(await outcomeOf(cluster.b.url, room, 'q1', runId));
    expect(bodyOf(id).answers).toMatchObject([{ name: 'Ada', choice: 'b', isCorrect: true }]);
    expectHonest(receiver);
    // The receiver that has not heard of the new secret yet.
    const late = await startReceiver(OLD_SECRET);
    const other = await play(cluster.b.url, { webhook: late.url });
    await untilDelivered(late, [other.id]);
    expect(late.forged).toEqual([]);
    expect(receiver.delivered()).toEqual([id]);
  });

  it('of a closed room is told as well, each run once', async () => {
    const { room, host, player, id } = await play(cluster.a.url);
    const again = await playAgain(room, host, player);
    await rest(`${cluster.a.url}/v1/rooms/${room.roomId}`, { method: 'DELETE', key: room.hostToken });
    await untilDelivered(receiver, [id, again.id]);
    expect(receiver.messages.map((message) => message.id).sort()).toEqual([id, again.id].sort());
  });

  it('of a room without a webhook is told to nobody', async () => {
    const { room } = await play(cluster.a.url, {});
    await outcomeOf(cluster.a.url, room, 'q1');
    const { id } = await play(cluster.a.url);
    await untilDelivered(receiver, [id]);
    expect(receiver.messages.map((message) => message.id)).toEqual([id]);
  });
});

describe('a receiver', () => {
  it(`that is down for ${DOWN_MS / 1_000} s gets every outcome in the end`, async () => {
    await receiver.goDown();
    const downSince = performance.now();
    const played: Played[] = [];
    do {
      played.push(...(await playMany(4)));
    } while (performance.now() - downSince < DOWN_MS);
    expect(receiver.messages).toEqual([]);
    await receiver.comeUp();
    await untilDelivered(receiver, idsOf(played));
  });

  it('that fails, hangs, redirects, or cuts the connection gets every outcome in the end', async () => {
    const troubles = [500, 'hang', 'cut', 302, 429] as const;
    receiver.answer = ({ outcome, nth }) => (nth < 3 ? (troubles[(outcome.runId + nth) % 5] ?? 500) : 200);
    const played = await playMany(10);
    await untilDelivered(receiver, idsOf(played));
    expect(receiver.messages).toHaveLength(4 * played.length);
  });

  it('that got an outcome and could not say so gets the same once more', async () => {
    receiver.answer = ({ nth }) => (nth === 0 ? 'cut' : 200);
    const { id } = await play(cluster.a.url);
    await untilDelivered(receiver, [id]);
    const [one, two] = receiver.messages;
    expect(one).toEqual({ ...two, answered: 'cut' });
  });

  it('that says 410 is asked no more, until somebody replays what is dead: under the same id, the same', async () => {
    receiver.answer = () => 410;
    const { room, runId, id } = await play(cluster.a.url);
    const dead = async () => JSON.parse((await outcomes('replay', '--dead', '--json')).stdout).sent;
    await eventually(() => receiver.messages.length > 0, { message: 'nothing was sent' });
    await eventually(async () => (await dead()).includes(id), {
      message: 'the job is not dead',
      everyMs: 500,
    });
    receiver.answer = () => 200;
    // It was replayed while the receiver said no, or is now.
    await eventually(async () => (await dead()).includes(id) || receiver.delivered().includes(id), {
      message: 'the dead job was not replayed',
      everyMs: 500,
    });
    await untilDelivered(receiver, [id]);
    const before = receiver.messages.length;
    // It is waiting until the scheduler has noted the receiver's answer.
    await eventuallyPasses(
      async () => {
        const { code, stdout } = await outcomes(
          'replay',
          '--room',
          room.roomId,
          '--run',
          String(runId),
          '--json',
        );
        expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, sent: [id], waiting: [] });
      },
      { everyMs: 500 },
    );
    await eventually(() => receiver.messages.length > before, { message: 'it was not sent again' });
    expect(await outcomes('replay', '--room', 'nobody')).toMatchObject({ code: 2 });
  });

  it('gets a new id for an outcome from which a player was erased meanwhile', async () => {
    receiver.answer = () => 500;
    const { room, player, id } = await play(cluster.a.url);
    await eventually(() => receiver.messages.length > 0, { message: 'nothing was sent' });
    const path = `/v1/rooms/${room.roomId}/players/${player.playerId}`;
    const erased = await rest(`${cluster.a.url}${path}`, { method: 'DELETE', key: room.hostToken });
    expect(erased.status).toBe(204);
    // What was read before the erasure may be on its way still, under the old id.
    receiver.answer = ({ id: got }) => (got === id ? 500 : 200);
    const [delivered] = await eventually(() => receiver.delivered().length === 1 && receiver.delivered(), {
      message: 'nothing was delivered',
    });
    expect(delivered).toMatch(new RegExp(`^${id}-[0-9a-f]{16}$`));
    const message = receiver.messages.find((one) => one.id === delivered);
    expect(message?.outcome).toMatchObject({ answers: [], counts: { accepted: 0 } });
    expect(message?.body).not.toContain(player.playerId);
  });
});

describe('processes that die', () => {
  it('the owner between queueing an outcome and settling its run: it arrives once it is settled', async () => {
    // So that Redis knows the script that queues: its text would be sent after its name.
    await untilDelivered(receiver, [(await play(cluster.b.url)).id]);
    const proxy = await holdAfter(cluster.redisUrl, (sent) => sent.includes('outcome-'));
    // Only the one behind the proxy owns shards.
    await cluster.scheduler.kill('SIGTERM');
    const owner = await startScheduler({ prefix: cluster.prefix, redisUrl: proxy.url, env: FAST });
    const { room, runId, id } = await play(cluster.a.url);
    await eventually(() => proxy.isHolding(), { timeoutMs: 60_000, message: 'nothing was queued' });
    await owner.kill('SIGKILL');
    proxy.stop();
    const jobs = `${cluster.prefix}:{queue}:outcomes`;
    expect(await cluster.redis.exists(`${jobs}:${id}`)).toBe(1);
    const { status } = await rest(
      `${cluster.a.url}/v1/rooms/${room.roomId}/questions/q1/outcome?runId=${runId}`,
      { key: room.hostToken },
    );
    expect(status).toBe(409);
    expect(receiver.messages).toHaveLength(1);
    await cluster.anotherScheduler();
    await untilDelivered(receiver, [id]);
    expect(receiver.messages).toHaveLength(2);
  });

  it('schedulers in mid-delivery: others deliver', async () => {
    const schedulers: TestProcess[] = [await cluster.anotherScheduler(), await cluster.anotherScheduler()];
    receiver.answer = () => 'hang';
    const played = await playMany(6);
    await eventually(() => receiver.messages.length >= 3, { message: 'nothing was sent' });
    for (const scheduler of schedulers) await scheduler.kill('SIGKILL');
    receiver.answer = () => 200;
    await untilDelivered(receiver, idsOf(played), STALLED_MS);
  });

  it('a scheduler that stops puts back what is under way, and is not waited for', async () => {
    const stopping = await cluster.anotherScheduler();
    receiver.answer = () => 'hang';
    const played = await playMany(6);
    await eventually(() => receiver.messages.length >= 6, { message: 'nothing was sent' });
    expect(await stopping.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    receiver.answer = () => 200;
    await untilDelivered(receiver, idsOf(played));
  });
});

describe('the embedded process', () => {
  it('delivers too, through trouble, and says that this is not durable', async () => {
    const server = await startStandalone({ prefix: 'unused', env: FAST });
    // A warning comes by another pipe than the line of a ready process.
    await server.waitForLine(/Webhooks are sent from memory.*lost/);
    receiver.answer = ({ nth }) => ([500, 'cut', 'hang'] as const)[nth] ?? 200;
    const played = await Promise.all([play(server.url), play(server.url)]);
    await untilDelivered(receiver, idsOf(played));
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  });

  it('without a secret refuses rooms with a webhook', async () => {
    const server = await startStandalone({ prefix: 'unused' });
    const body = { settings: { webhook: receiver.url } };
    expectProblem(await rest(`${server.url}/v1/rooms`, { body }), 'invalid_payload', 'settings.webhook');
  });
});

describe('a room that anybody may make', () => {
  it('has no webhook but by an API key', async () => {
    const env = { ...FAST, QUIZBELL_API_KEYS: 'a-key-for-rooms', QUIZBELL_PUBLIC_ROOMS: 'true' };
    const server = await startStandalone({ prefix: 'unused', env });
    const body = { settings: { webhook: receiver.url } };
    expectProblem(await rest(`${server.url}/v1/rooms`, { body }), 'forbidden');
    expectProblem(await rest(`${server.url}/v1/rooms`, { body, key: 'another-key' }), 'forbidden');
    expect((await rest(`${server.url}/v1/rooms`, { body, key: 'a-key-for-rooms' })).status).toBe(201);
    expect((await rest(`${server.url}/v1/rooms`, { body: {} })).status).toBe(201);
  });
});

describe('internal addresses', () => {
  it('are not asked unless that is allowed: the outcome is dead at once', async () => {
    const env = { ...FAST, QUIZBELL_WEBHOOK_ALLOW_PRIVATE: 'false', QUIZBELL_WEBHOOK_URL: receiver.url };
    const server = await startStandalone({ prefix: 'unused', env });
    const { port } = new URL(receiver.url);
    await play(server.url, {});
    await play(server.url, { webhook: `https://localhost:${port}/` });
    const body = { settings: { webhook: `https://[::ffff:127.0.0.1]:${port}/` } };
    expectProblem(await rest(`${server.url}/v1/rooms`, { body }), 'invalid_payload', 'settings.webhook');
    const refusals = () =>
      server.lines.filter((line) => /An outcome is dead/.test(line) && /internal|encrypted/.test(line));
    await eventually(() => refusals().length === 2, { message: 'was not refused' });
    expect(receiver.messages).toEqual([]);
  });
});
