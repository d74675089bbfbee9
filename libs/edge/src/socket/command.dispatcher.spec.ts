import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { createLogger, Metrics } from '#libs/ops';
import { durationMs } from '#libs/timer-core';
import { CommandDispatcher } from './command.dispatcher.js';
import { ReceiveClock } from './receive.clock.js';
import type { Socket } from './socket.types.js';

const RATE = { count: 3, perMs: durationMs(60_000) };
const ANSWER = { ok: true, sentAt: 1, serverNow: 2, version: 3 };

/** An attached socket that needs nothing but its clock, whose frames come one after the other. */
function attached(isKnown: { version: boolean } = { version: true }) {
  const sent: string[] = [];
  const conn = Object.assign(new EventEmitter(), { send: (data: string) => sent.push(data) });
  const socket = Object.assign(new EventEmitter(), { conn, onAny: () => {} });
  const clock = new ReceiveClock();
  type Parts = ConstructorParameters<typeof CommandDispatcher>;
  const dispatcher = new CommandDispatcher(
    { syncClockAtOnce: () => (isKnown.version ? ANSWER : undefined) } as unknown as Parts[0],
    {} as Parts[1],
    { depart: () => {} } as unknown as Parts[2],
    clock,
    new Metrics().gateway,
    createLogger({ name: 'test', level: 'silent' }),
    RATE,
  );
  dispatcher.attach(socket as unknown as Socket);
  clock.stop();
  return {
    sent,
    socket,
    /** @returns whether the decoder gets to see it */
    ask: (id: number): boolean => {
      const packet = { type: 'message', data: `2/quiz,${id}["clock:sync",{"sentAt":1}]` };
      conn.emit('packet', packet);
      return packet.type === 'message';
    },
  };
}

describe('a clock:sync of an attached socket', () => {
  it('is answered before it is decoded, up to what a connection may send', () => {
    const { sent, ask } = attached();
    expect([1, 2, 3, 4].map(ask)).toEqual([false, false, false, true]);
    expect(sent).toEqual([1, 2, 3].map((id) => `3/quiz,${id}${JSON.stringify([ANSWER])}`));
  });

  it('is decoded where something has to be read first, and is counted only there', () => {
    const isKnown = { version: false };
    const { sent, ask } = attached(isKnown);
    expect([1, 2, 3, 4].map(ask)).toEqual([true, true, true, true]);
    expect(sent).toEqual([]);
    isKnown.version = true;
    expect(ask(5)).toBe(false);
  });

  it('is nobody’s after the socket has gone', () => {
    const { sent, socket, ask } = attached();
    socket.emit('disconnect');
    expect(ask(1)).toBe(true);
    expect(sent).toEqual([]);
  });
});
