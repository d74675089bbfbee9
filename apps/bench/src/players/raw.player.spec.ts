import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type WebSocket, WebSocketServer } from 'ws';
import { CannotRun } from '../suite.types.js';
import { RawPlayer } from './raw.player.js';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
let url: string;

beforeAll(async () => {
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  jest.useRealTimers();
  for (const client of server.clients) client.terminate();
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** A player, and what the server does when they send something but the entry. */
async function playerAt(react: (socket: WebSocket, text: string) => void): Promise<RawPlayer> {
  server.once('connection', (socket) => {
    socket.on('message', (data) => {
      const text = String(data);
      if (text.startsWith('40')) socket.send('40/quiz,{"sid":"s"}');
      else react(socket, text);
    });
  });
  return RawPlayer.connect(url);
}

describe('a call of RawPlayer', () => {
  it('gives the acknowledgement of that call, and when it was read', async () => {
    const player = await playerAt((socket, text) => {
      const id = /^42\/quiz,(\d+)/.exec(text)?.[1];
      if (id === '2') for (const each of [2, 1]) socket.send(`43/quiz,${each}[{"id":${each}}]`);
    });
    const before = performance.now();
    const [first, second] = await Promise.all([player.call('one', {}), player.call('two', {})]);
    expect([first.ack, second.ack]).toEqual([{ id: 1 }, { id: 2 }]);
    expect(first.atMs).toBeGreaterThanOrEqual(before);
  });

  it('fails when the connection ends before, and afterwards at once', async () => {
    const player = await playerAt((socket) => socket.terminate());
    const calls = [player.call('room:join', {}), player.call('clock:sync', {})];
    const [join, sync] = await Promise.allSettled(calls);
    const failure = new CannotRun('No acknowledgement of room:join: the connection has ended.');
    expect(join).toEqual({ status: 'rejected', reason: failure });
    expect(sync?.status).toBe('rejected');
    await expect(player.call('room:join', {})).rejects.toThrow(failure);
  });

  it('fails when nothing comes for 15 s', async () => {
    const player = await playerAt(() => {});
    jest.useFakeTimers();
    const call = player.call('room:join', {});
    jest.advanceTimersByTime(15_000);
    await expect(call).rejects.toThrow(
      new CannotRun('No acknowledgement of room:join: none came within 15 s.'),
    );
  });
});
