import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, eventuallyPasses, type LooseJson, rest, type TestClient } from '#libs/testing';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { expectProblem, expectRefused } from './support/refusal.matcher.js';
import {
  closeAllClients,
  command,
  connect,
  createRoom,
  hostOf,
  join,
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
  cluster = await startCluster('members', { env: { QUIZBELL_API_KEYS: 'an-api-key' } });
});
beforeEach(async () => {
  room = await createRoom(cluster.a.url, undefined, 'an-api-key');
  host = await hostOf(cluster.a.url, room);
});
afterEach(closeAllClients);
afterAll(() => cluster?.stop());

/** The reason with which the client was put out; its connection has ended. */
async function goneBy(client: TestClient): Promise<string> {
  const { payload } = await client.waitFor('member:removed');
  expect(await client.ended).toBe('io server disconnect');
  return payload.reason;
}

async function rosterNames(): Promise<string[]> {
  const { members } = await command(host.client, 'room:roster');
  return members.map(({ name }: LooseJson) => name).sort();
}

const kickOverRest = (playerId: string, body: object, key: string, url = cluster.b.url) =>
  rest(`${url}/v1/rooms/${room.roomId}/players/${playerId}/kick`, { key, body });

describe('a second connection of a member', () => {
  it.each([
    ['the same gateway', 'a'],
    ['the other gateway', 'b'],
  ] as const)(
    'at %s takes the place of the first: that one is told and ended, the new one plays on',
    async (_where, at) => {
      const first = await playerOf(cluster.a.url, room, { name: 'Ada' });
      await command(host.client, 'question:start', startOf('q1'));
      await first.client.waitFor('question:started');
      const second = await join(cluster[at].url, { token: first.token });
      expect(await goneBy(first.client)).toBe('replaced');
      expect(second.ack).toMatchObject({
        playerId: first.playerId,
        name: 'Ada',
        snapshot: { questionId: 'q1' },
      });
      const answer = await command(second.client, 'answer:submit', { questionId: 'q1', choice: 'a' });
      expect(answer.verdict).toBe('accepted');
      await command(host.client, 'question:stop');
      await second.client.waitFor('question:closed');
      expect(first.client.events('question:closed')).toEqual([]);
      expect(second.client.events('member:removed')).toEqual([]);
      // And the end of the first one's connection takes nothing from the second.
      expect(await rosterNames()).toEqual(['Ada', 'Host']);
    },
  );

  it('of a host takes over as well', async () => {
    const second = await hostOf(cluster.b.url, room);
    expect(await goneBy(host.client)).toBe('replaced');
    await command(second.client, 'question:start', startOf('q1'));
    await second.client.waitFor('question:started');
  });

  it('is refused where the room wants it so, at either gateway, until the first one has gone', async () => {
    room = await createRoom(cluster.a.url, { secondConnection: 'refuse' }, 'an-api-key');
    const first = await playerOf(cluster.a.url, room);
    for (const { url } of [cluster.a, cluster.b]) {
      const second = await connect(url);
      expectRefused(await second.call('room:join', { token: first.token }), 'conflict');
      expectRefused(await second.call('room:leave'), 'unauthorized');
    }
    await command(first.client, 'clock:sync', { sentAt: 1 });
    expect(first.client.events('member:removed')).toEqual([]);
    first.client.close();
    const next = await connect(cluster.b.url);
    await eventually(async () => (await next.call('room:join', { token: first.token })).ok);
  });

  it('however many there are leaves exactly one of them', async () => {
    const first = await playerOf(cluster.a.url, room);
    const urls = [cluster.a.url, cluster.b.url, cluster.a.url, cluster.b.url, cluster.b.url];
    const others = await Promise.all(urls.map((url) => connect(url)));
    await Promise.all(
      others.map((client) => client.call('room:join', { token: first.token }).catch(() => {})),
    );
    const isLeft = (client: TestClient) => client.socket.connected;
    await eventually(() => [first.client, ...others].filter(isLeft).length === 1);
    const [left] = others.filter(isLeft);
    await command(host.client, 'question:start', startOf('q1'));
    await left?.waitFor('question:started');
    expect(await rosterNames()).toHaveLength(2);
  });
});

describe('a kicked member', () => {
  it('is told, ended, gone for the others, and refused on both gateways', async () => {
    const ada = await playerOf(cluster.b.url, room, { name: 'Ada' });
    const bob = await playerOf(cluster.b.url, room, { name: 'Bob' });
    await bob.client.waitFor('room:presence', ({ players }) => players === 2);
    expect(await command(host.client, 'member:kick', { playerId: ada.playerId })).toEqual({ ok: true });
    expect(await goneBy(ada.client)).toBe('kicked');
    const since = bob.client.received.length;
    await bob.client.waitFor('room:presence', ({ players }) => players === 1, {
      since: Math.max(0, since - 1),
    });
    expect(await rosterNames()).toEqual(['Bob', 'Host']);
    for (const { url } of [cluster.a, cluster.b]) {
      const back = await connect(url);
      expectRefused(await back.call('room:join', { token: ada.token }), 'forbidden');
      expectRefused(await back.call('room:leave'), 'unauthorized');
    }
    expect(bob.client.events('member:removed')).toEqual([]);
    expect((await playerOf(cluster.a.url, room, { name: 'Ada' })).ack.name).toBe('Ada');
  });

  it('by REST is as gone; a banned name does not come back', async () => {
    const ada = await playerOf(cluster.a.url, room, { name: 'Ada' });
    const bob = await playerOf(cluster.a.url, room, { name: 'Bob' });
    const kicked = await kickOverRest(ada.playerId, { ban: true }, 'an-api-key');
    expect([kicked.status, kicked.body]).toEqual([204, undefined]);
    expect(await goneBy(ada.client)).toBe('banned');
    expect((await kickOverRest(bob.playerId, {}, room.hostToken)).status).toBe(204);
    expect(await goneBy(bob.client)).toBe('kicked');
    for (const { url } of [cluster.a, cluster.b]) {
      const back = await connect(url);
      expectRefused(await back.call('room:join', { token: ada.token }), 'forbidden');
      expectRefused(await back.call('room:join', { pin: room.pin, name: ' ADA' }), 'forbidden', 'name');
    }
    expect((await playerOf(cluster.b.url, room, { name: 'Bob' })).ack.name).toBe('Bob');
  });

  it('over REST needs an API key or the host token, and has to be known', async () => {
    const ada = await playerOf(cluster.a.url, room);
    const coHost = await memberOf(cluster.a.url, room, 'co-host');
    expectProblem(await kickOverRest(ada.playerId, {}, 'no-key'), 'unauthorized');
    expectProblem(await kickOverRest(ada.playerId, {}, ada.token), 'forbidden');
    expectProblem(await kickOverRest(ada.playerId, {}, coHost.token), 'forbidden');
    expectProblem(await kickOverRest('p_nobody', {}, room.hostToken), 'not_found', 'playerId');
    expectProblem(await kickOverRest(ada.playerId, { ban: 'yes' }, room.hostToken), 'invalid_payload', 'ban');
    expectProblem(await kickOverRest(host.playerId, {}, 'an-api-key'), 'forbidden');
    expect(ada.client.socket.connected).toBe(true);
  });

  it('is never a host; a co-host kicks players and screens only', async () => {
    const coHost = await memberOf(cluster.b.url, room, 'co-host');
    const otherHost = await memberOf(cluster.b.url, room, 'host');
    const player = await playerOf(cluster.b.url, room);
    const kick = (by: TestMember, whom: TestMember) =>
      by.client.call('member:kick', { playerId: whom.playerId });
    for (const by of [coHost, player, otherHost]) expectRefused(await kick(by, host), 'forbidden');
    expectRefused(await kick(player, coHost), 'forbidden');
    expect(await kick(coHost, player)).toEqual({ ok: true });
    expect(await goneBy(player.client)).toBe('kicked');
    expect(await kick(host, coHost)).toEqual({ ok: true });
    expect(await goneBy(coHost.client)).toBe('kicked');
    expectRefused(await host.client.call('member:kick', { playerId: 'p_nobody' }), 'not_found', 'playerId');
  });
});

describe('two players of one name', () => {
  it('are told apart, and keep their names when they come back by their tokens', async () => {
    const [ada, other] = [
      await playerOf(cluster.a.url, room, { name: 'Ada' }),
      await playerOf(cluster.b.url, room, { name: 'Ada' }),
    ];
    expect([ada.ack.name, other.ack.name]).toEqual(['Ada', 'Ada (2)']);
    expect(await rosterNames()).toEqual(['Ada', 'Ada (2)', 'Host']);
    for (const { client } of [ada, other]) client.close();
    await eventuallyPasses(async () => expect(await rosterNames()).toEqual(['Host']));
    expect((await join(cluster.a.url, { token: other.token })).ack.name).toBe('Ada (2)');
    expect((await join(cluster.b.url, { token: ada.token })).ack.name).toBe('Ada');
  });
});
