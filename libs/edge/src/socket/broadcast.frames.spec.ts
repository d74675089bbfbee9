import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Server } from 'socket.io';
import { WebSocket } from 'ws';
import { eventually } from '#libs/testing';
import { type BroadcastConnection, type WriteOptions, writeBroadcasts } from './broadcast.frames.js';

const HEADER = Buffer.from('header');
const TEXT = Buffer.from('text');

/** A connection that notes what goes out, and how. */
class Connection implements BroadcastConnection {
  readonly sent: string[] = [];
  readonly buffers: Buffer[] = [];
  readyState = 'open';
  writeBuffer: unknown[] = [];
  readonly transport = { socket: { readyState: 1 } };
  readonly request = {
    socket: {
      writable: true,
      writableLength: 0,
      write: (frame: Buffer) => {
        this.sent.push(`written: ${frame}`);
        this.buffers.push(frame);
      },
    },
  };

  constructor() {
    writeBroadcasts(this);
  }

  write(data: unknown, _options?: WriteOptions): unknown {
    this.sent.push(`usual: ${data}`);
    return this;
  }
}

const broadcast = (more: WriteOptions = {}): WriteOptions => ({ ...more, wsPreEncodedFrame: [HEADER, TEXT] });

describe('a broadcast', () => {
  it('is written as one buffer, which is the same for all receivers', () => {
    const connections = [new Connection(), new Connection(), new Connection()];
    const options = broadcast();
    for (const connection of connections) expect(connection.write('text', options)).toBe(connection);
    expect(connections.map(({ sent }) => sent)).toEqual(Array(3).fill(['written: headertext']));
    expect(new Set(connections.map(({ buffers }) => buffers[0])).size).toBe(1);
  });

  it('goes the usual way behind what waits, and where the connection is about to end', () => {
    const [waiting, closing, ended, leaving] = Array.from({ length: 4 }, () => new Connection()) as [
      Connection,
      Connection,
      Connection,
      Connection,
    ];
    leaving.transport.socket.readyState = 2;
    waiting.writeBuffer = ['a packet'];
    closing.readyState = 'closing';
    ended.request.socket.writable = false;
    const all = [waiting, closing, ended, leaving];
    for (const connection of all) connection.write('text', broadcast());
    expect(all.map(({ sent }) => sent)).toEqual(Array(4).fill(['usual: text']));
  });

  it('that is volatile is left out where the network has not taken what was sent before; no other is', () => {
    const slow = new Connection();
    slow.request.socket.writableLength = 1;
    slow.write('tick', broadcast({ volatile: true }));
    expect(slow.sent).toEqual([]);
    slow.write('event', broadcast());
    slow.request.socket.writableLength = 0;
    slow.write('tick', broadcast({ volatile: true }));
    expect(slow.sent).toEqual(['written: headertext', 'written: headertext']);
  });

  it('is none without a frame', () => {
    const connection = new Connection();
    connection.write('ack');
    connection.write('event', { volatile: true });
    expect(connection.sent).toEqual(['usual: ack', 'usual: event']);
  });
});

describe('with the real Socket.IO', () => {
  const http = createServer();
  const server = new Server(http, { transports: ['websocket'], perMessageDeflate: false });
  const written: Buffer[] = [];
  const clients: WebSocket[] = [];

  /** A client in the room, and what it hears. */
  async function member(): Promise<string[]> {
    const { port } = http.address() as AddressInfo;
    const client = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
    clients.push(client);
    const heard: string[] = [];
    client.on('message', (data) => heard.push(String(data)));
    await once(client, 'open');
    client.send('40');
    await eventually(async () => heard.some((text) => text.startsWith('40')), { message: 'not connected' });
    heard.length = 0;
    return heard;
  }

  beforeAll(async () => {
    server.engine.on('connection', (connection: BroadcastConnection) => {
      const { socket } = connection.request;
      const write = socket.write.bind(socket);
      socket.write = (frame: Buffer, ...more: []) => {
        written.push(frame);
        return write(frame, ...more);
      };
      writeBroadcasts(connection);
    });
    server.on('connection', (socket) => void socket.join('room'));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.terminate();
  });
  afterAll(async () => {
    await server.close();
  });

  it('each member gets the broadcast, by one buffer for all', async () => {
    const members = [await member(), await member()];
    written.length = 0;
    server.to('room').volatile.emit('tick', { at: 'ü'.repeat(100) });
    await eventually(async () => members.every(({ length }) => length === 1), { message: 'not heard' });
    expect(members[0]).toEqual([`42["tick",{"at":"${'ü'.repeat(100)}"}]`]);
    expect(members[1]).toEqual(members[0]);
    // Else Socket.IO has made no frame, or nobody has asked for it.
    expect(written).toHaveLength(2);
    expect(written[0]).toBe(written[1]);
  });

  it('broadcasts and other packets come in the order in which they were sent', async () => {
    const heard = await member();
    const [socket] = server.of('/').sockets.values();
    const sent: string[] = [];
    for (let i = 0; i < 30; i++) {
      const event = `e${i}`;
      sent.push(`42["${event}"]`);
      // One by one, and several in one turn: what the websocket cannot take yet waits in Engine.IO.
      if (i % 3 === 0) server.to('room').emit(event);
      else socket?.emit(event);
      if (i % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(async () => heard.length === sent.length, { message: 'not all was heard' });
    expect(heard).toEqual(sent);
  });
});
