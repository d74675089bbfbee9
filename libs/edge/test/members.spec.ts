import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { roomJoinAckSchema, roomRosterAckSchema } from '#libs/protocol';
import { type Ack, eventually, rest, type TestClient } from '#libs/testing';
import { startEdge, type TestEdge } from './edge.fixture.js';

const refused = (code: string, field?: string) => ({
  ok: false,
  error: expect.objectContaining({ code, ...(field === undefined ? {} : { field }) }),
});

let edge: TestEdge;

beforeAll(async () => {
  edge = await startEdge({ QUIZBELL_API_KEYS: 'an-api-key' });
});
afterAll(() => edge.close());

interface Room {
  roomId: string;
  pin: string;
  hostToken: string;
}

const newRoom = async (settings?: object): Promise<Room> =>
  (await rest(`${edge.url}/v1/rooms`, { key: 'an-api-key', body: { settings } })).body;

const tokenFor = async ({ roomId, hostToken }: Room, role: string): Promise<string> =>
  (await rest(`${edge.url}/v1/rooms/${roomId}/tokens`, { key: hostToken, body: { role } })).body.token;

const kickOverRest = (room: Room, playerId: string, body: object, key = room.hostToken) =>
  rest(`${edge.url}/v1/rooms/${room.roomId}/players/${playerId}/kick`, { key, body });

/** A client that has joined, and what the join was answered with. */
async function member(payload: object): Promise<{ client: TestClient; ack: Ack }> {
  const client = await edge.connect();
  const ack = await client.call('room:join', payload);
  if (!ack.ok) throw new Error(JSON.stringify(ack.error));
  return { client, ack };
}

/** The reason with which the client was put out and disconnected. */
async function goneBy(client: TestClient): Promise<string> {
  const { payload } = await client.waitFor('member:removed');
  expect(await client.ended).toBe('io server disconnect');
  return payload.reason;
}

describe('a second connection of a member', () => {
  it.each(['player', 'host', 'spectator'])(
    'of a %s takes the place of the first, which is told so',
    async (role) => {
      const room = await newRoom();
      const token = role === 'host' ? room.hostToken : await tokenFor(room, role);
      const [host, first] = [await member({ token: await tokenFor(room, 'host') }), await member({ token })];
      const second = await member({ token });
      expect(await goneBy(first.client)).toBe('replaced');
      expect(second.ack.playerId).toBe(first.ack.playerId);
      await host.client.call('question:start', { questionId: 'q', durationMs: 60_000 });
      await second.client.waitFor('question:started');
      expect(second.client.events('member:removed')).toEqual([]);
      expect(
        (await edge.roster(room.roomId)).filter(({ playerId }) => playerId === first.ack.playerId),
      ).toHaveLength(1);
    },
  );

  it('is refused where the room says so, hears nothing, and is let in when the first has gone', async () => {
    const room = await newRoom({ secondConnection: 'refuse' });
    const host = await member({ token: room.hostToken });
    const first = await member({ pin: room.pin });
    const second = await edge.connect();
    expect(await second.call('room:join', { token: first.ack.token })).toEqual(refused('conflict'));
    expect(await second.call('room:leave')).toEqual(refused('unauthorized'));
    await host.client.call('question:start', { questionId: 'q', durationMs: 60_000 });
    await first.client.waitFor('question:started');
    await second.call('clock:sync', { sentAt: 1 });
    expect(second.events()).toEqual([]);
    first.client.close();
    await eventually(async () => (await second.call('room:join', { token: first.ack.token })).ok);
  });

  it('ends what the first one sends afterwards with unauthorized', async () => {
    const room = await newRoom();
    const first = await member({ pin: room.pin });
    const [second, late] = [await edge.connect(), first.client];
    // The first one's commands and the second one's join arrive in one turn or in many: none is done after the join.
    const joined = second.call('room:join', { token: first.ack.token });
    const acks: Ack[] = [];
    while (late.socket.connected) {
      const ack = await late.call('room:join', { token: first.ack.token }).catch(() => undefined);
      if (ack !== undefined) acks.push(ack);
    }
    expect((await joined).ok).toBe(true);
    expect(acks.filter((ack) => !ack.ok)).toEqual(acks.filter((ack) => ack.error?.code === 'unauthorized'));
    await eventually(async () => (await edge.roster(room.roomId)).length === 1);
  });
});

describe('connections of one member that come at the same time', () => {
  it('leave exactly one of them, whoever it is', async () => {
    const room = await newRoom();
    const first = await member({ pin: room.pin });
    const others = await Promise.all([edge.connect(), edge.connect(), edge.connect(), edge.connect()]);
    await Promise.all(
      others.map((client) => client.call('room:join', { token: first.ack.token }).catch(() => {})),
    );
    await eventually(() => [first.client, ...others].filter(({ socket }) => socket.connected).length === 1);
    expect(await edge.roster(room.roomId)).toHaveLength(1);
  });
});

describe('the roster', () => {
  it('tells hosts who is connected, and on request who is away: dropped or left, not put out', async () => {
    const room = await newRoom();
    const host = await member({ token: room.hostToken });
    const [ada, bob, eve] = [
      await member({ pin: room.pin, name: 'Ada' }),
      await member({ pin: room.pin, name: 'Bob' }),
      await member({ pin: room.pin, name: 'Eve' }),
    ];
    await member({ pin: room.pin, name: 'Zoe' });
    const listed = async (payload: object) => {
      const ack = await host.client.call('room:roster', payload);
      expect(roomRosterAckSchema.parse(ack)).toEqual(ack);
      const members: { name: string; connected: boolean }[] = ack.members;
      return members.map(({ name, connected }) => `${name} ${connected}`).sort();
    };
    ada.client.close();
    await bob.client.call('room:leave');
    await host.client.call('member:kick', { playerId: eve.ack.playerId });
    await eventually(async () => (await edge.roster(room.roomId)).length === 2);
    expect(await listed({})).toEqual(['Host true', 'Zoe true']);
    expect(await listed({ away: false })).toEqual(['Host true', 'Zoe true']);
    expect(await listed({ away: true })).toEqual(['Ada false', 'Bob false', 'Host true', 'Zoe true']);
    expect((await member({ token: bob.ack.token })).ack.name).toBe('Bob');
    expect(await listed({ away: true })).toContain('Bob true');
    expect(await host.client.call('room:roster', { away: 'yes' })).toEqual(
      refused('invalid_payload', 'away'),
    );
  });
});

describe('putting members out', () => {
  it('by a kick ends their connection, and their token is worth nothing any more', async () => {
    const room = await newRoom();
    const [host, ada, bob] = [
      await member({ token: room.hostToken }),
      await member({ pin: room.pin, name: 'Ada' }),
      await member({ pin: room.pin, name: 'Bob' }),
    ];
    const kick = { playerId: ada.ack.playerId };
    expect(await host.client.call('member:kick', kick)).toEqual({ ok: true });
    expect(await goneBy(ada.client)).toBe('kicked');
    const back = await edge.connect();
    expect(await back.call('room:join', { token: ada.ack.token })).toEqual(refused('forbidden'));
    expect(back.events()).toEqual([]);
    expect((await edge.roster(room.roomId)).map(({ name }) => name).sort()).toEqual(['Bob', 'Host']);
    expect(await host.client.call('member:kick', kick)).toEqual({ ok: true });
    // Only a ban keeps the name.
    expect((await member({ pin: room.pin, name: 'Ada' })).ack.name).toBe('Ada');
    expect(bob.client.events('member:removed')).toEqual([]);
  });

  it('by a ban also keeps the name from coming back, however it is written', async () => {
    const room = await newRoom();
    const ada = await member({ pin: room.pin, name: 'Ada' });
    const answer = await kickOverRest(room, ada.ack.playerId, { ban: true });
    expect([answer.status, answer.body]).toEqual([204, undefined]);
    expect(await goneBy(ada.client)).toBe('banned');
    const back = await edge.connect();
    for (const name of ['Ada', ' aDA ']) {
      expect(await back.call('room:join', { pin: room.pin, name })).toEqual(refused('forbidden', 'name'));
    }
    expect(await back.call('room:leave')).toEqual(refused('unauthorized'));
    expect(await back.call('room:join', { pin: room.pin, name: 'Bea' })).toMatchObject({
      ok: true,
      name: 'Bea',
    });
  });

  it('takes a host, or a co-host for players and screens; nobody a host, or themself', async () => {
    const room = await newRoom();
    const host = await member({ token: room.hostToken });
    const coHost = await member({ token: await tokenFor(room, 'co-host') });
    const screen = await member({ token: await tokenFor(room, 'spectator') });
    const player = await member({ pin: room.pin });
    const kick = ({ client }: { client: TestClient }, { ack }: { ack: Ack }) =>
      client.call('member:kick', { playerId: ack.playerId });
    for (const by of [player, screen]) expect(await kick(by, host)).toEqual(refused('forbidden'));
    expect(await kick(coHost, host)).toEqual(refused('forbidden'));
    expect(await kick(host, host)).toEqual(refused('forbidden'));
    expect(await kick(coHost, player)).toEqual({ ok: true });
    expect(await kick(coHost, screen)).toEqual({ ok: true });
    expect(await kick(host, coHost)).toEqual({ ok: true });
    for (const { client } of [player, screen, coHost]) expect(await goneBy(client)).toBe('kicked');
    expect(await host.client.call('member:kick', { playerId: 'p_nobody' })).toEqual(
      refused('not_found', 'playerId'),
    );
    expect(await host.client.call('member:kick', {})).toEqual(refused('invalid_payload', 'playerId'));
    expect(await (await edge.connect()).call('member:kick', { playerId: 'p' })).toEqual(
      refused('unauthorized'),
    );
  });

  it('over REST takes an API key or the host token', async () => {
    const room = await newRoom();
    const coHostToken = await tokenFor(room, 'co-host');
    const [ada, bob] = [await member({ pin: room.pin }), await member({ pin: room.pin })];
    const codeOf = async (playerId: string, body: object, key: string) =>
      (await kickOverRest(room, playerId, body, key)).body?.code;
    expect(await codeOf(ada.ack.playerId, {}, 'no-key')).toBe('unauthorized');
    expect(await codeOf(ada.ack.playerId, {}, coHostToken)).toBe('forbidden');
    expect(await codeOf(ada.ack.playerId, { ban: 1 }, room.hostToken)).toBe('invalid_payload');
    expect(await codeOf('nobody', {}, room.hostToken)).toBe('not_found');
    expect((await kickOverRest(room, ada.ack.playerId, {}, 'an-api-key')).status).toBe(204);
    expect(await goneBy(ada.client)).toBe('kicked');
    expect(bob.client.socket.connected).toBe(true);
  });

  it('ends a join that is under way', async () => {
    const room = await newRoom();
    const host = await member({ token: room.hostToken });
    const first = await member({ pin: room.pin });
    first.client.close();
    const second = await edge.connect();
    const [joined, kicked] = await Promise.all([
      second.call('room:join', { token: first.ack.token }).catch(() => undefined),
      host.client.call('member:kick', { playerId: first.ack.playerId }),
    ]);
    expect(kicked).toEqual({ ok: true });
    if (joined?.ok) expect(await goneBy(second)).toBe('kicked');
    await eventually(async () => (await edge.roster(room.roomId)).length === 1);
    const third = await edge.connect();
    expect(await third.call('room:join', { token: first.ack.token })).toEqual(refused('forbidden'));
  });
});

describe('who may not enter', () => {
  // A channel that is not confirmed is what a join would be refused for, if it got as far as that.
  it('is told so before anything is listened to', async () => {
    const full = await newRoom({ maxPlayers: 1 });
    const room = await newRoom();
    const host = await member({ token: room.hostToken });
    const ada = await member({ pin: room.pin });
    await member({ pin: full.pin });
    await host.client.call('member:kick', { playerId: ada.ack.playerId });
    const client = await edge.connect();
    edge.trouble.isChannelDeaf = true;
    try {
      expect(await client.call('room:join', { token: ada.ack.token })).toEqual(refused('forbidden'));
      expect(await client.call('room:join', { pin: full.pin })).toEqual(refused('room_full'));
      expect(await client.call('room:join', { pin: room.pin })).toEqual(refused('unavailable'));
    } finally {
      edge.trouble.isChannelDeaf = false;
    }
  });
});

describe('names', () => {
  it('of two players are told apart by a number, which they keep by their tokens', async () => {
    const room = await newRoom();
    const [first, second] = [
      await member({ pin: room.pin, name: 'Ada' }),
      await member({ pin: room.pin, name: 'ada' }),
    ];
    expect(roomJoinAckSchema.parse(second.ack)).toEqual(second.ack);
    expect([first.ack.name, second.ack.name]).toEqual(['Ada', 'ada (2)']);
    const claims = JSON.parse(Buffer.from(second.ack.token.split('.')[1], 'base64url').toString());
    expect(claims).toMatchObject({ sub: second.ack.playerId, name: 'ada (2)' });
    expect((await second.client.call('room:join', { pin: room.pin })).name).toBe('ada (2)');
    for (const { client } of [first, second]) client.close();
    await eventually(async () => (await edge.roster(room.roomId)).length === 0);
    expect((await member({ token: second.ack.token })).ack.name).toBe('ada (2)');
    expect((await member({ token: first.ack.token })).ack.name).toBe('Ada');
  });

  it('stand beside the answers as they are told apart', async () => {
    const room = await newRoom();
    const host = await member({ token: room.hostToken });
    await member({ pin: room.pin, name: 'Ada' });
    const { client, ack } = await member({ pin: room.pin, name: 'Ada' });
    const { snapshot } = await host.client.call('question:start', { questionId: 'q', durationMs: 60_000 });
    await client.call('answer:submit', { questionId: 'q', choice: 1 });
    const run = edge.store.runOf(room.roomId, snapshot.runId);
    expect(run?.answers.get(ack.playerId)?.name).toBe('Ada (2)');
  });

  it('of hosts and screens may be those of others', async () => {
    const room = await newRoom();
    const token = await tokenFor(room, 'spectator');
    await member({ token: room.hostToken });
    expect((await member({ token })).ack.name).toBe('Screen');
    expect((await member({ token: await tokenFor(room, 'spectator') })).ack.name).toBe('Screen');
  });
});

describe('room:presence', () => {
  it('is told to all members, with everybody who is connected', async () => {
    const room = await newRoom();
    const [host, player] = [await member({ token: room.hostToken }), await member({ pin: room.pin })];
    await edge.tellPresence(room.roomId);
    for (const { client } of [host, player]) {
      const { payload } = await client.waitFor('room:presence');
      expect(payload).toMatchObject({ roomId: room.roomId, players: 1, spectators: 0, hostConnected: true });
    }
    const { body } = await rest(`${edge.url}/v1/rooms/${room.roomId}`, { key: room.hostToken });
    expect(body.players).toBe(1);
  });
});
