import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { EVENT_NAMESPACE } from '#libs/redis-store';
import { relayEnvironment, TRANSPORT } from './relay.options.js';
import { roomAdapter } from './room.adapter.js';

// Bare Socket.IO: whoever asks is in a room, and what comes from Redis for the room is handed on.

interface RelayEvents {
  'room:join': (join: { readonly room: string }, ack: (reply: { readonly ok: true }) => void) => void;
}

const { redisUrl, prefix, adapter } = relayEnvironment(process.env);
const http = createServer();
const server = new Server<RelayEvents>(http, {
  ...TRANSPORT,
  adapter: roomAdapter(adapter, redisUrl, prefix),
});
server.of(EVENT_NAMESPACE).on('connection', (socket) => {
  socket.on('room:join', ({ room }, ack) => {
    void socket.join(room);
    ack({ ok: true });
  });
});
http.listen(0, '127.0.0.1', () => {
  console.log(`The relay is ready on http://127.0.0.1:${(http.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => process.exit(0));
