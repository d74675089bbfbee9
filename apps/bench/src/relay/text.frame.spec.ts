import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { textFrame } from './text.frame.js';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
let write: (frame: Buffer) => void;
let client: WebSocket;

beforeAll(async () => {
  server.on('connection', (_, { socket }) => {
    write = (frame) => socket.write(frame);
  });
  await once(server, 'listening');
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(client, 'open');
});
afterAll(async () => {
  client.terminate();
  await new Promise((resolve) => server.close(resolve));
});

describe('textFrame', () => {
  it.each([0, 1, 125, 126, 300, 65_535])(
    'is a frame of %i bytes that a websocket understands',
    async (length) => {
      const text = 'x'.repeat(length);
      const message = once(client, 'message');
      write(textFrame(text));
      const [data, isBinary] = (await message) as [Buffer, boolean];
      expect([String(data), isBinary]).toEqual([text, false]);
    },
  );

  it('counts bytes, not characters', () => {
    expect(textFrame('ü'.repeat(100)).length).toBe(204);
    expect(() => textFrame('ü'.repeat(40_000))).toThrow(RangeError);
  });
});
