import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';
import { EVENT_NAMESPACE } from '#libs/redis-store';
import { relayEnvironment } from './relay.options.js';
import { textFrame } from './text.frame.js';

// The least that a server can do for a broadcast: one subscription a room, one frame for all of its members, and one write
// to each of their connections. It speaks as much of Socket.IO as the clients need, and pings nobody.

const JOIN = new RegExp(`^42${EVENT_NAMESPACE},(\\d+)(\\["room:join".*)$`);

interface AdapterMessage {
  readonly data: { readonly packet: { readonly data: readonly unknown[] } };
}

const { redisUrl, prefix } = relayEnvironment(process.env);
const sub = new Redis(redisUrl);
const members = new Map<string, Set<Socket>>();

function join(room: string, socket: Socket): void {
  const channel = `${prefix}#${EVENT_NAMESPACE}#${room}#`;
  const sockets = members.get(channel) ?? new Set();
  if (sockets.size === 0) void sub.ssubscribe(channel);
  members.set(channel, sockets.add(socket));
}

sub.on('smessageBuffer', (channel: Buffer, message: Buffer) => {
  const { data } = (JSON.parse(message.toString()) as AdapterMessage).data.packet;
  const frame = textFrame(`42${EVENT_NAMESPACE},${JSON.stringify(data)}`);
  for (const socket of members.get(channel.toString()) ?? []) socket.write(frame);
});

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', (websocket, { socket }) => {
  websocket.on('message', (data) => {
    const text = String(data);
    if (text === `40${EVENT_NAMESPACE},`) websocket.send(`40${EVENT_NAMESPACE},{}`);
    const [, ackNumber, event] = JOIN.exec(text) ?? [];
    if (ackNumber === undefined || event === undefined) return;
    const [, { room }] = JSON.parse(event) as [string, { readonly room: string }];
    join(room, socket);
    websocket.send(`43${EVENT_NAMESPACE},${ackNumber}[{"ok":true}]`);
  });
});
http.listen(0, '127.0.0.1', () => {
  console.log(`The relay is ready on http://127.0.0.1:${(http.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => process.exit(0));
