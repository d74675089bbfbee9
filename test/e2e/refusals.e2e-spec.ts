import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, type LooseJson, rest, startGateway, type TestServerProcess } from '#libs/testing';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { expectProblem, expectRefused } from './support/refusal.matcher.js';
import {
  changesOf,
  closeAllClients,
  command,
  connect,
  createRoom,
  hostOf,
  memberOf,
  playerOf,
  startOf,
  type TestMember,
  type TestRoom,
} from './support/room.client.js';

let cluster: Cluster;
let room: TestRoom;
let host: TestMember;

beforeAll(async () => {
  cluster = await startCluster('refusals');
});
beforeEach(async () => {
  room = await createRoom(cluster.a.url);
  host = await hostOf(cluster.b.url, room);
});
afterEach(closeAllClients);
afterAll(() => cluster?.stop());

describe('invalid_payload names the field', () => {
  it.each<[string, string, LooseJson, string]>([
    ['no PIN and no token', 'room:join', {}, 'pin'],
    ['a PIN that is a number', 'room:join', { pin: 123456 }, 'pin'],
    ['a PIN of five digits', 'room:join', { pin: '12345' }, 'pin'],
    ['an empty name', 'room:join', { pin: '123456', name: '   ' }, 'name'],
    ['a name of 33 characters', 'room:join', { pin: '123456', name: 'x'.repeat(33) }, 'name'],
    ['a token that is a number', 'room:join', { token: 1 }, 'token'],
    ['ticks that is a word', 'room:join', { pin: '123456', ticks: 'no' }, 'ticks'],
    ['a room id with a blank', 'room:join', { pin: '123456', roomId: 'a b' }, 'roomId'],
    ['no time', 'clock:sync', {}, 'sentAt'],
    ['half a millisecond', 'clock:sync', { sentAt: 0.5 }, 'sentAt'],
    ['no question', 'question:start', { durationMs: 1_000 }, 'questionId'],
    ['a question of 65 characters', 'question:start', startOf('q'.repeat(65)), 'questionId'],
    ['no duration', 'question:start', { questionId: 'q' }, 'durationMs'],
    ['99 ms', 'question:start', startOf('q', { durationMs: 99 }), 'durationMs'],
    ['more than a day', 'question:start', startOf('q', { durationMs: 86_400_001 }), 'durationMs'],
    ['a duration that is a text', 'question:start', startOf('q', { durationMs: '1000' }), 'durationMs'],
    ['a lead-in of more than a minute', 'question:start', startOf('q', { leadInMs: 60_001 }), 'leadInMs'],
    ['a negative grace', 'question:start', startOf('q', { graceMs: -1 }), 'graceMs'],
    ['ticks every 99 ms', 'question:start', startOf('q', { tickMs: 99 }), 'tickMs'],
    ['a start in the past', 'question:start', startOf('q', { startAt: 1 }), 'startAt'],
    ['a start beside a lead-in', 'question:start', startOf('q', { startAt: 1, leadInMs: 1 }), 'startAt'],
    ['content of 9 KiB', 'question:start', startOf('q', { content: 'x'.repeat(9_000) }), 'content'],
    ['a right answer of 5 KiB', 'question:start', startOf('q', { correct: 'x'.repeat(5_000) }), 'correct'],
    ['an id with a slash', 'question:start', startOf('q', { commandId: 'a/b' }), 'commandId'],
    ['an extension by nothing', 'question:extend', { byMs: 0 }, 'byMs'],
    ['no extension', 'question:extend', {}, 'byMs'],
    ['an extension by more than a day', 'question:extend', { byMs: -86_400_001 }, 'byMs'],
    ['a run that is a text', 'question:stop', { runId: '1' }, 'runId'],
    ['a negative run', 'question:pause', { runId: -1 }, 'runId'],
    ['an empty id', 'question:resume', { commandId: '' }, 'commandId'],
    ['an id that is null', 'room:close', { commandId: null }, 'commandId'],
    ['an answer to nothing', 'answer:submit', { choice: 'a' }, 'questionId'],
    ['a text for an object', 'question:stop', 'now', ''],
    ['a list for an object', 'room:leave', [], ''],
    ['null for an object', 'room:roster', null, ''],
    ['an event that nobody knows', 'question:explode', {}, 'event'],
    ['an event that every object has', 'constructor', {}, 'event'],
  ])('%s: %s', async (_what, event, payload, field) => {
    expectRefused(await host.client.call(event, payload), 'invalid_payload', field);
    expect(changesOf(host.client)).toEqual([]);
  });

  it('two arguments, none, and a buffer are not exactly one object', async () => {
    const { socket } = host.client;
    const asked = [[{}, {}], [], [Buffer.from('{}')]].map((args) =>
      socket.timeout(5_000).emitWithAck('question:stop', ...args),
    );
    for (const ack of await Promise.all(asked)) expectRefused(ack, 'invalid_payload', '');
  });

  it('unknown fields are none of its business, and a refusal that nobody asked for does no harm', async () => {
    host.client.send('question:explode');
    host.client.send('question:start', { questionId: 'q' });
    await command(host.client, 'question:start', startOf('q1', { sparkle: true }));
    await host.client.waitFor('question:started');
    expect(changesOf(host.client)).toHaveLength(1);
  });
});

describe('the other refusals', () => {
  it('room_not_found: no room has this PIN', async () => {
    await command(host.client, 'room:close');
    const client = await connect(cluster.a.url);
    expectRefused(await client.call('room:join', { pin: room.pin }), 'room_not_found');
  });

  it('question_active: a second start, also at the other gateway, and the first goes on', async () => {
    const coHost = await memberOf(cluster.a.url, room, 'co-host');
    await command(host.client, 'question:start', startOf('q1'));
    expectRefused(await coHost.client.call('question:start', startOf('q2')), 'question_active');
    expect((await playerOf(cluster.b.url, room)).ack.snapshot.questionId).toBe('q1');
  });

  it('too_large: a frame of more than 16 KiB is refused, a huge one ends its connection only', async () => {
    const start = startOf('q1', { content: 'x'.repeat(17_000) });
    expectRefused(await host.client.call('question:start', start), 'too_large');
    await command(host.client, 'question:start', startOf('q1', { content: 'x'.repeat(8_000) }));
    const careless = await playerOf(cluster.b.url, room);
    careless.client.send('room:leave', { padding: 'x'.repeat(1_000_000) });
    await careless.client.ended;
    await command(host.client, 'question:stop');
  });

  it('rate_limited: a socket that floods is told so, by acks, and is served again afterwards', async () => {
    await command(host.client, 'question:start', startOf('q1'));
    let done = 0;
    // A server that reads a flood in small portions may keep up with it; the next flood is too much then.
    await eventually(
      async () => {
        const flood = Array.from({ length: 300 }, () => host.client.call('question:extend', { byMs: 1 }));
        const acks = await Promise.all(flood);
        const refused = acks.filter((ack) => !ack.ok);
        for (const ack of refused) expectRefused(ack, 'rate_limited');
        done += acks.length - refused.length;
        return refused.length > 0;
      },
      { message: 'no flood was too much' },
    );
    const again = await eventually(
      async () => {
        const ack = await host.client.call('question:extend', { byMs: 1 });
        return ack.ok ? ack : undefined;
      },
      { timeoutMs: 20_000, message: 'the socket was never served again' },
    );
    const { endsAt, opensAt } = again.snapshot;
    // What was acknowledged was done, once each, and what was refused was not.
    expect(endsAt - opensAt).toBe(60_000 + done + 1);
  });

  it('conflict: others were faster, again and again; nothing of it was done', async () => {
    await command(host.client, 'question:start', startOf('q1'));
    let done = 0;
    const crowd = async () => {
      const urls = [cluster.a.url, cluster.b.url];
      const requests = Array.from({ length: 60 }, (_, i) =>
        rest(`${urls[i % 2]}/v1/rooms/${room.roomId}/question/extend`, {
          key: room.hostToken,
          body: { byMs: 1 },
        }),
      );
      const answers = await Promise.all(requests);
      done += answers.filter(({ status }) => status === 200).length;
      return answers.find(({ status }) => status !== 200);
    };
    expectProblem(
      await eventually(crowd, { timeoutMs: 30_000, message: 'no conflict came about' }),
      'conflict',
    );
    const { endsAt, opensAt } = (await command(host.client, 'question:extend', { byMs: 1 })).snapshot;
    expect(endsAt - opensAt).toBe(60_000 + done + 1);
  });

  it('internal: a state that this release cannot read fails by itself; other rooms of its shard go on', async () => {
    const others = await Promise.all(Array.from({ length: 16 }, () => createRoom(cluster.a.url)));
    const hosts = await Promise.all(others.map((other) => hostOf(cluster.a.url, other)));
    const { endsAt } = (await command(host.client, 'question:start', startOf('q1', { durationMs: 2_000 })))
      .snapshot;
    await setStateFormat(room, 99);
    expectRefused(await host.client.call('question:stop'), 'internal');
    const view = await rest(`${cluster.a.url}/v1/rooms/${room.roomId}`, { key: room.hostToken });
    expectProblem(view, 'internal');
    expect(JSON.stringify(view.body)).not.toContain('format');
    // Its deadline comes, and must keep the owner of the shard from nothing: 16 rooms lie over all 8 shards.
    for (const { client } of hosts)
      await command(client, 'question:start', startOf('q1', { durationMs: 2_500 }));
    for (const { client } of hosts) {
      const { payload } = await client.waitFor('question:closed');
      expect(payload.endsAt).toBeGreaterThan(endsAt);
      expect(payload.serverNow - payload.endsAt).toBeLessThan(1_000);
    }
    expect(cluster.scheduler.hasExited).toBe(false);
  });
});

/** Rewrites the room's stored state as a release would that nobody has written yet. */
async function setStateFormat({ roomId }: TestRoom, format: number): Promise<void> {
  const keys = await cluster.redis.keys(`${cluster.prefix}:*room:${roomId}`);
  expect(keys).toHaveLength(1);
  const key = keys[0] as string;
  const state = JSON.parse((await cluster.redis.hget(key, 'state')) ?? '');
  await cluster.redis.hset(key, 'state', JSON.stringify({ ...state, format }));
}

describe('production, where anybody may create rooms', () => {
  let gateway: TestServerProcess;

  beforeAll(async () => {
    const env = { NODE_ENV: 'production', QUIZBELL_PUBLIC_ROOMS: 'true' };
    gateway = await startGateway({ prefix: cluster.prefix, env });
  });

  it('rate_limited: one address gets only so many at once, and hears when to come again', async () => {
    const create = () => rest(`${gateway.url}/v1/rooms`, { body: {} });
    const refused = await eventually(async () => {
      const answer = await create();
      return answer.status === 201 ? undefined : answer;
    });
    expectProblem(refused, 'rate_limited');
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBe(Math.ceil(refused.body.retryAfterMs / 1_000));
    expect(seconds).toBeGreaterThan(0);
    // Only creating is limited: rooms are served on.
    await playerOf(gateway.url, room);
  });
});
