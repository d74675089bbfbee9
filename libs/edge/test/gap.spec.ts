import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, rest, type TestClient } from '#libs/testing';
import { startEdge, type TestEdge } from './edge.fixture.js';

let edge: TestEdge;
let room: { roomId: string; pin: string; hostToken: string };
let host: TestClient;
let player: TestClient;

beforeEach(async () => {
  edge = await startEdge();
  room = await edge.createRoom();
  host = await edge.join({ token: room.hostToken });
  player = await edge.join({ pin: room.pin });
});
afterEach(() => edge.close());

const start = (questionId = 'q1') =>
  host.call('question:start', { questionId, durationMs: 60_000, tickMs: 0, content: { text: 'Why?' } });
const states = (client: TestClient) => client.events('room:state');
const told = (result: string) => edge.count('quizbell_room_states_total', `result="${result}"`);

/** Does what this gateway does not hear. */
async function unheard(work: () => Promise<unknown>): Promise<void> {
  edge.trouble.isSilent = true;
  await work();
  edge.trouble.isSilent = false;
}

describe('after a gap', () => {
  it('every member is told the state of its room, with content', async () => {
    await unheard(start);
    edge.gap();
    for (const client of [host, player]) {
      const { payload } = await client.waitFor('room:state');
      expect(payload.snapshot).toMatchObject({ questionId: 'q1', phase: 'open', content: { text: 'Why?' } });
    }
    expect(player.events('question:started')).toEqual([]);
    expect(await told('sent')).toBe(1);
  });

  it('rooms without members here are not read', async () => {
    const other = await edge.createRoom();
    await edge.store.load(other.roomId);
    edge.gap();
    await player.waitFor('room:state');
    expect(await told('sent')).toBe(1);
  });

  it('members of a room that is over are told so, and may join another', async () => {
    await unheard(() => host.call('room:close'));
    edge.gap();
    const { payload } = await player.waitFor('room:closed');
    expect(payload).toEqual({
      roomId: room.roomId,
      version: expect.any(Number),
      reason: 'host',
      serverNow: expect.any(Number),
    });
    expect((await player.call('room:roster')).error?.code).toBe('unauthorized');
    const next = await edge.createRoom();
    expect((await player.call('room:join', { pin: next.pin })).ok).toBe(true);
    expect(await told('ended')).toBe(1);
  });

  it.each(['kicked', 'banned'])(
    'members who were %s unheard are told so and put out, nobody else',
    async (reason) => {
      const { playerId } = (await edge.roster(room.roomId)).find(({ role }) => role === 'player') ?? {};
      await unheard(() => host.call('member:kick', { playerId, ban: reason === 'banned' }));
      edge.gap();
      expect((await player.waitFor('member:removed')).payload).toEqual({ reason });
      expect(await player.ended).toBe('io server disconnect');
      await host.waitFor('room:state');
      expect(host.events('member:removed')).toEqual([]);
      expect(await edge.roster(room.roomId)).toMatchObject([{ role: 'host' }]);
    },
  );

  it('a connection that was replaced unheard is told so and put out, and the other one stays', async () => {
    let other: TestClient | undefined;
    await unheard(async () => {
      other = await edge.join({ token: room.hostToken });
    });
    edge.gap();
    expect((await host.waitFor('member:removed')).payload).toEqual({ reason: 'replaced' });
    expect(await host.ended).toBe('io server disconnect');
    await other?.waitFor('room:state');
    expect(other?.events('member:removed')).toEqual([]);
    expect(await edge.roster(room.roomId)).toHaveLength(2);
  });

  it('it is tried again while the store is away', async () => {
    await unheard(start);
    edge.trouble.isStoreAway = true;
    edge.gap();
    expect((await rest(`${edge.url}/v1/rooms/${room.roomId}`, { key: room.hostToken })).status).toBe(503);
    edge.trouble.isStoreAway = false;
    await player.waitFor('room:state');
  });

  it('gaps that follow each other are told once more, not once each', async () => {
    let release = (): void => {};
    edge.catchUp = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    edge.gap();
    await eventually(() => edge.store.load(room.roomId));
    for (let i = 0; i < 100; i++) edge.gap();
    edge.catchUp = async () => {};
    release();
    await eventually(() => states(player).length === 2);
    await host.call('clock:sync', { sentAt: 0 });
    expect(states(player)).toHaveLength(2);
  });

  // An event that is published after the reading may come before its answer.
  it('nobody is told an older state behind a newer event', async () => {
    edge.catchUp = async () => {
      edge.catchUp = async () => {};
      await start();
    };
    edge.gap();
    await player.waitFor('question:started');
    await eventually(() => told('overtaken'));
    expect(states(player)).toEqual([]);
  });
});
