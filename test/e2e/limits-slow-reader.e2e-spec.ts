import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { WebSocket } from 'ws';
import {
  eventually,
  rest,
  startGateway,
  startScheduler,
  stopAllProcesses,
  type TestServerProcess,
  uniquePrefix,
} from '#libs/testing';
import {
  closeAllClients,
  command,
  createRoom,
  heardVersion,
  hostOf,
  playersOf,
  startOf,
  type TestRoom,
  tokenFor,
} from './support/room.client.js';

jest.setTimeout(180_000);

const prefix = uniquePrefix('slow-reader');
let gateway: TestServerProcess;

beforeAll(async () => {
  await startScheduler({ prefix });
  gateway = await startGateway({ prefix });
});
afterEach(closeAllClients);
afterAll(stopAllProcesses);

/**
 * A member that stops reading what is sent to it, but goes on answering pings that it never saw: so it looks alive.
 */
async function slowReader(room: TestRoom) {
  const token = await tokenFor(gateway.url, room, 'spectator');
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const answered = (start: string) =>
    new Promise<void>((resolve) => {
      const listener = (data: unknown) => {
        if (!String(data).startsWith(start)) return;
        socket.off('message', listener);
        resolve();
      };
      socket.on('message', listener);
    });
  await once(socket, 'open');
  socket.send('40/quiz,');
  await answered('40/quiz,');
  socket.send(`42/quiz,0["room:join",${JSON.stringify({ token })}]`);
  await answered('43/quiz,0[{"ok":true');
  socket.on('error', () => undefined);
  socket.pause();
  const pongs = setInterval(() => socket.send('3', () => undefined), 1_000);
  return {
    /** Whether the connection has ended; reads what is left to find out. */
    end: async () => {
      clearInterval(pongs);
      const closed = once(socket, 'close');
      socket.resume();
      await closed;
    },
  };
}

async function slowReadersCut(): Promise<number> {
  const line = gateway.lines.find((text) => text.includes('health and metrics are served'));
  const { body } = await rest(`http://127.0.0.1:${JSON.parse(line ?? '{}').port}/metrics`);
  return Number(/^quizbell_limit_refusals_total\{limit="slow_reader"\} (\d+)/m.exec(body)?.[1] ?? 0);
}

describe('a member that does not read', () => {
  it('is cut off at the limit of its buffer, and the others in the room miss nothing', async () => {
    const room = await createRoom(gateway.url);
    const host = await hostOf(gateway.url, room);
    const players = await playersOf(gateway.url, room, 3);
    const slow = await slowReader(room);

    const content = { text: 'x'.repeat(8_000) };
    const versions: number[] = [];
    let isCut = false;
    const watching = eventually(slowReadersCut, {
      timeoutMs: 120_000,
      everyMs: 250,
      message: 'nobody was cut off',
    }).finally(() => {
      isCut = true;
    });
    while (!isCut) {
      const started = await command(
        host.client,
        'question:start',
        startOf(`q${versions.length}`, { content }),
      );
      const stopped = await command(host.client, 'question:stop');
      versions.push(started.snapshot.version, stopped.snapshot.version);
    }
    expect(await watching).toBe(1);
    await slow.end();

    for (const { client } of [host, ...players]) {
      await heardVersion(client, versions.at(-1) ?? 0);
      const heard = new Set(client.received.map(({ payload }) => payload?.version));
      expect(versions.filter((version) => !heard.has(version))).toEqual([]);
      expect(client.socket.connected).toBe(true);
    }
    // Somebody was sent more than all buffers on the way hold, and the gateway kept little of it.
    expect(versions.length * 8_000).toBeGreaterThan(1_048_576);
    expect(await slowReadersCut()).toBe(1);
  });
});
