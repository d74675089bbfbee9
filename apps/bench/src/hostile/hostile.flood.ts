import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

const CONNECT_TIMEOUT_MS = 30_000;
/** A flood is over when nothing has been answered for so long. */
const QUIET_MS = 1_000;
const OVER_WITHIN_MS = 60_000;
const LOOK_MS = 50;

/** Harmless one by one; what makes them hostile is how many they are. */
const FLOOD_FRAMES = [
  '42/quiz,1["clock:sync",{"sentAt":0}]',
  '42/quiz,2["room:join",{"pin":"000000","name":"Flood"}]',
  '42/quiz,3["answer:submit",{"questionId":"live","choice":"a"}]',
  '42/quiz,4["nonsense",{}]',
  '42/quiz,["room:leave",{}]',
] as const;

export interface FloodOptions {
  readonly connections: number;
  /** Of each connection, without waiting for anything. */
  readonly framesEach: number;
}

export interface FloodReport {
  /** Without an error. */
  readonly sent: number;
  /** Connections that the gateway ended. */
  readonly cut: number;
}

/** Many connections that all send as fast as they can. */
export async function flood(url: string, { connections, framesEach }: FloodOptions): Promise<FloodReport> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => enter(url)));
  let heardMs = performance.now();
  for (const socket of sockets)
    socket.on('message', () => {
      heardMs = performance.now();
    });
  let sent = 0;
  // In slices, so that all connections flood at the same time.
  for (let i = 0; i < framesEach; i++) {
    for (const socket of sockets) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      socket.send(FLOOD_FRAMES[i % FLOOD_FRAMES.length] ?? '', (failure) => {
        if (!failure) sent += 1;
      });
    }
    if (i % FLOOD_FRAMES.length === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const giveUpMs = performance.now() + OVER_WITHIN_MS;
  while (performance.now() - heardMs < QUIET_MS && performance.now() < giveUpMs) await sleep(LOOK_MS);
  const cut = sockets.filter((socket) => socket.readyState !== WebSocket.OPEN).length;
  for (const socket of sockets) socket.terminate();
  return { sent, cut };
}

async function enter(url: string): Promise<WebSocket> {
  const address = `${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(address, { handshakeTimeout: CONNECT_TIMEOUT_MS, perMessageDeflate: false });
  socket.on('error', () => {}); // how it ended is seen by its state
  await Promise.race([once(socket, 'open'), once(socket, 'close')]);
  if (socket.readyState !== WebSocket.OPEN) return socket;
  socket.send('40/quiz,');
  await new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const text = String(data);
      if (text.startsWith('40/quiz')) resolve();
      else if (text === '2') socket.send('3', () => {});
    });
    socket.on('close', () => resolve());
  });
  return socket;
}
