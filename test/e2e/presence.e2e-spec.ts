import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventuallyPasses, type LooseJson } from '#libs/testing';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import {
  closeAllClients,
  command,
  commandSnapshot,
  createRoom,
  hostOf,
  memberOf,
  playerOf,
  playersOf,
  startOf,
  type TestMember,
  type TestRoom,
} from './support/room.client.js';

/** A room is told at most once a second; less what two tellings may differ in their place within their second. */
const LEAST_GAP_MS = 800;
/** Members of a killed gateway count for so long more; what follows takes a second at most, and a busy machine ten. */
const KILLED_WITHIN_MS = 3_500 + 10_000;
const MANY = 500;

let cluster: Cluster;
let room: TestRoom;
let host: TestMember;

beforeAll(async () => {
  cluster = await startCluster('presence');
});
beforeEach(async () => {
  room = await createRoom(cluster.a.url);
  host = await hostOf(cluster.a.url, room);
});
afterEach(closeAllClients);
afterAll(() => cluster?.stop());

const told = ({ client }: TestMember, event: string): LooseJson[] =>
  client.events(event).map(({ payload }) => payload);

/** Waits until what the member was told last of it is this. */
async function toldLast(
  member: TestMember,
  event: string,
  expected: object,
  timeoutMs = 20_000,
): Promise<void> {
  await eventuallyPasses(() => expect(told(member, event).at(-1)).toMatchObject(expected), { timeoutMs });
}

function expectOnceASecond(member: TestMember, event: string): void {
  const instants = told(member, event).map(({ serverNow }) => serverNow);
  // The first telling may have been held up for a second, and the next one not.
  expect(instants.at(-1) - instants[0]).toBeGreaterThanOrEqual((instants.length - 2) * LEAST_GAP_MS);
}

describe('room:presence and room:roster', () => {
  it('say on both gateways who is connected, and are told when somebody comes or goes', async () => {
    const players = [await playerOf(cluster.a.url, room), await playerOf(cluster.b.url, room)];
    const screen = await memberOf(cluster.b.url, room, 'spectator');
    const all = { roomId: room.roomId, players: 2, spectators: 1, hostConnected: true };
    for (const member of [host, ...players, screen]) await toldLast(member, 'room:presence', all);
    players[0]?.client.dropConnection();
    screen.client.close();
    for (const member of [host, players[1] ?? host]) {
      await toldLast(member, 'room:presence', { players: 1, spectators: 0, hostConnected: true });
    }
    host.client.close();
    await toldLast(players[1] ?? host, 'room:presence', { players: 1, hostConnected: false });
  });

  it('are told at most once a second, however many come and go', async () => {
    const watcher = await playerOf(cluster.b.url, room);
    let left = 1;
    for (let i = 0; i < 8; i++) {
      const crowd = await playersOf(i % 2 === 0 ? cluster.a.url : cluster.b.url, room, 10);
      for (const { client } of crowd.slice(i)) client.close();
      left += i;
    }
    for (const member of [host, watcher]) {
      await toldLast(member, 'room:presence', { players: left });
      expectOnceASecond(member, 'room:presence');
    }
    expect((await command(host.client, 'room:roster')).members).toHaveLength(1 + left);
  });

  it('are told to a host who comes later', async () => {
    const player = await playerOf(cluster.b.url, room);
    await toldLast(player, 'room:presence', { players: 1, hostConnected: true });
    const second = await memberOf(cluster.b.url, room, 'co-host');
    await toldLast(second, 'room:presence', { players: 1, hostConnected: true });
  });
});

describe('answers:count', () => {
  it('tells hosts and screens, and no player, how many have answered, at most once a second', async () => {
    const screen = await memberOf(cluster.b.url, room, 'spectator');
    const players = [
      ...(await playersOf(cluster.a.url, room, 5)),
      ...(await playersOf(cluster.b.url, room, 5)),
    ];
    await command(host.client, 'question:start', startOf('q1'));
    for (const { client } of players) await command(client, 'answer:submit', { questionId: 'q1', choice: 1 });
    const { roomId } = room;
    for (const member of [host, screen]) {
      await toldLast(member, 'answers:count', { roomId, questionId: 'q1', count: 10 });
      expectOnceASecond(member, 'answers:count');
    }
    const late = await memberOf(cluster.b.url, room, 'host');
    await toldLast(late, 'answers:count', { roomId, questionId: 'q1', count: 10 });
    // The next question begins to count anew.
    await commandSnapshot(host.client, 'question:stop');
    await command(host.client, 'question:start', startOf('q2'));
    await command(players[0]?.client ?? host.client, 'answer:submit', { questionId: 'q2', choice: 1 });
    await toldLast(screen, 'answers:count', { questionId: 'q2', count: 1 });
    expect(players.flatMap((player) => told(player, 'answers:count'))).toEqual([]);
  });
});

// The last of this file: gateway B is gone behind it.
describe('after one of two gateways was killed', () => {
  it(`everybody knows within ${KILLED_WITHIN_MS} ms that its members are gone`, async () => {
    const here = await playersOf(cluster.a.url, room, 3);
    for (let joined = 0; joined < MANY; joined += 50) await playersOf(cluster.b.url, room, 50);
    const everybody = { players: MANY + here.length, hostConnected: true };
    for (const member of [host, ...here]) await toldLast(member, 'room:presence', everybody);
    expect((await command(host.client, 'room:roster')).members).toHaveLength(1 + MANY + here.length);
    const killedAt = performance.now();
    await cluster.b.kill();
    for (const member of [host, ...here]) {
      await toldLast(
        member,
        'room:presence',
        { players: here.length, hostConnected: true },
        2 * KILLED_WITHIN_MS,
      );
    }
    const lastAt = Math.max(
      ...[host, ...here].map(({ client }) => client.events('room:presence').at(-1)?.receivedAt ?? Number.NaN),
    );
    expect(lastAt - killedAt).toBeLessThan(KILLED_WITHIN_MS);
    expect((await command(host.client, 'room:roster')).members).toHaveLength(1 + here.length);
    expectOnceASecond(host, 'room:presence');
  });
});
