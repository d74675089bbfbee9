import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { roomJoinAckSchema } from '#libs/protocol';
import { eventually, eventuallyPasses, rest } from '#libs/testing';
import { startEdge, type TestEdge } from './edge.fixture.js';

const SECRET = 'an-edge-secret-0123456789';
const refused = (code: string, field?: string) => ({
  ok: false,
  error: expect.objectContaining({ code, ...(field === undefined ? {} : { field }) }),
});

describe('joining a room', () => {
  let edge: TestEdge;

  beforeAll(async () => {
    edge = await startEdge({ QUIZBELL_SECRET: SECRET });
  });
  afterEach(() => {
    Object.assign(edge.trouble, { isStoreAway: false, isChannelDeaf: false });
  });
  afterAll(() => edge.close());

  it('makes a new player of whoever has the PIN, and answers as the protocol says', async () => {
    const { pin, roomId } = await edge.createRoom();
    const client = await edge.connect();
    const ack = await client.call('room:join', { pin, name: '  Ada ' });
    expect(roomJoinAckSchema.parse(ack)).toEqual(ack);
    expect(ack).toMatchObject({
      ok: true,
      roomId,
      pin,
      role: 'player',
      name: 'Ada',
      protocol: 1,
      server: 'quizbell/test',
      snapshot: { phase: 'idle' },
    });
    expect(ack.playerId).toMatch(/^p_[a-z0-9]{12}$/);
    expect(await edge.roster(roomId)).toEqual([
      { playerId: ack.playerId, role: 'player', name: 'Ada', connected: true },
    ]);
  });

  it('makes a host of whoever has the host token, and the same player of whoever comes back with theirs', async () => {
    const { hostToken, pin, roomId } = await edge.createRoom();
    const host = await (await edge.connect()).call('room:join', { token: hostToken, pin, roomId });
    expect(host).toMatchObject({ ok: true, role: 'host', playerId: expect.stringMatching(/^h_/) });
    const first = await (await edge.connect()).call('room:join', { pin });
    const again = await (await edge.connect()).call('room:join', { token: first.token });
    expect(again).toMatchObject({ ok: true, role: 'player', playerId: first.playerId });
    expect((await edge.roster(roomId)).map(({ playerId }) => playerId)).toEqual([
      host.playerId,
      first.playerId,
    ]);
  });

  it('gives a nameless player a name', async () => {
    const { pin, roomId } = await edge.createRoom();
    await edge.join({ pin });
    expect((await edge.roster(roomId))[0]?.name).toMatch(/^Player \d{4}$/);
  });

  it('refuses what is not valid, and names the field', async () => {
    const client = await edge.connect();
    expect(await client.call('room:join', {})).toEqual(refused('invalid_payload', 'pin'));
    expect(await client.call('room:join', { pin: 123456 })).toEqual(refused('invalid_payload', 'pin'));
    expect(await client.call('room:join', { pin: '123456', name: ' ' })).toEqual(
      refused('invalid_payload', 'name'),
    );
    expect(await client.call('room:join', [])).toEqual(refused('invalid_payload', ''));
  });

  it('knows no room of an unknown PIN, nor of a token whose room is gone', async () => {
    const { hostToken, pin, roomId } = await edge.createRoom();
    const client = await edge.connect();
    await rest(`${edge.url}/v1/rooms/${roomId}`, { method: 'DELETE', key: hostToken });
    expect(await client.call('room:join', { pin })).toEqual(refused('room_not_found'));
    expect(await client.call('room:join', { token: hostToken })).toEqual(refused('room_not_found'));
  });

  it('refuses tokens that are worthless, or disagree with what is beside them', async () => {
    const [one, other] = [await edge.createRoom(), await edge.createRoom()];
    const client = await edge.connect();
    // The first character of the signature: of the last one not all bits count.
    const foreign = one.hostToken.replace(
      /\.(.)([^.]*)$/,
      (_, first, rest) => `.${first === 'A' ? 'B' : 'A'}${rest}`,
    );
    expect(await client.call('room:join', { token: foreign })).toEqual(refused('unauthorized'));
    const disagreeing = [{ pin: other.pin }, { roomId: other.roomId }];
    for (const beside of disagreeing) {
      const ack = await client.call('room:join', { token: one.hostToken, ...beside });
      expect(ack).toEqual(refused('unauthorized'));
    }
  });

  it('refuses a token that has expired', async () => {
    const { hostToken, roomId } = await edge.createRoom();
    const { body } = await rest(`${edge.url}/v1/rooms/${roomId}/tokens`, {
      key: hostToken,
      body: { role: 'spectator', ttlMs: 1_000 },
    });
    const client = await edge.connect();
    await eventuallyPasses(async () => {
      expect(await client.call('room:join', { token: body.token })).toEqual(refused('unauthorized'));
    });
  });

  it('answers the same join again, and refuses another room or another identity until the socket has left', async () => {
    const [one, other] = [await edge.createRoom(), await edge.createRoom()];
    const client = await edge.connect();
    const first = await client.call('room:join', { pin: one.pin });
    const again = await client.call('room:join', { pin: one.pin });
    expect(again).toMatchObject({ ok: true, playerId: first.playerId });
    expect(await client.call('room:join', { token: first.token })).toMatchObject({
      playerId: first.playerId,
    });
    expect(await client.call('room:join', { pin: other.pin })).toEqual(refused('wrong_phase'));
    expect(await client.call('room:join', { token: one.hostToken })).toEqual(refused('wrong_phase'));
    expect(await client.call('room:leave')).toEqual({ ok: true });
    expect(await client.call('room:join', { pin: other.pin })).toMatchObject({
      ok: true,
      roomId: other.roomId,
    });
    expect(await edge.roster(one.roomId)).toEqual([]);
  });

  it('says room_full to the one too many, but lets those in who belong to it', async () => {
    const { pin, hostToken } = await edge.createRoom({ maxPlayers: 1 });
    const client = await edge.connect();
    const { token } = await client.call('room:join', { pin });
    expect(await (await edge.connect()).call('room:join', { pin })).toEqual(refused('room_full'));
    expect(await (await edge.connect()).call('room:join', { token })).toMatchObject({ ok: true });
    expect(await (await edge.connect()).call('room:join', { token: hostToken })).toMatchObject({ ok: true });
  });

  it('is answered unavailable, and leaves nobody inside, when the channel is not confirmed or the store is away', async () => {
    const { pin, roomId, hostToken } = await edge.createRoom();
    const client = await edge.connect();
    edge.trouble.isChannelDeaf = true;
    const deaf = await client.call('room:join', { token: hostToken });
    expect(deaf).toMatchObject({ ok: false, error: { code: 'unavailable', retryable: true } });
    expect(await client.call('room:leave')).toEqual(refused('unauthorized'));
    edge.trouble.isChannelDeaf = false;
    edge.trouble.isStoreAway = true;
    expect(await client.call('room:join', { pin })).toEqual(refused('unavailable'));
    edge.trouble.isStoreAway = false;
    expect(await edge.roster(roomId)).toEqual([]);
    expect(await client.call('room:join', { pin })).toMatchObject({ ok: true });
  });

  it('is finished before the next command of the same socket is judged', async () => {
    const { hostToken } = await edge.createRoom();
    const client = await edge.connect();
    const [joined, roster] = await Promise.all([
      client.call('room:join', { token: hostToken }),
      client.call('room:roster'),
    ]);
    expect(joined).toMatchObject({ ok: true });
    expect(roster).toMatchObject({
      ok: true,
      members: [{ playerId: joined.playerId, role: 'host', name: 'Host' }],
    });
  });

  it('ends with the connection', async () => {
    const { pin, roomId } = await edge.createRoom();
    const client = await edge.join({ pin });
    client.dropConnection();
    await eventually(async () => (await edge.roster(roomId)).length === 0);
  });

  it('ends with the room: the socket stays connected, is in no room, and may join another', async () => {
    const [one, other] = [await edge.createRoom(), await edge.createRoom()];
    const [host, player] = [await edge.join({ token: one.hostToken }), await edge.join({ pin: one.pin })];
    await host.call('question:start', { questionId: 'q', durationMs: 60_000 });
    expect(await host.call('room:close')).toEqual({ ok: true });
    await player.waitFor('room:closed', ({ reason }) => reason === 'host');
    expect(player.events().map(({ event }) => event)).toEqual([
      'question:started',
      'question:closed',
      'room:closed',
    ]);
    expect(await player.call('room:leave')).toEqual(refused('unauthorized'));
    expect(await host.call('question:stop')).toEqual(refused('unauthorized'));
    expect(await player.call('room:join', { pin: other.pin })).toMatchObject({ ok: true });
  });
});
