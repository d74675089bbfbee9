import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { durationMs } from '#libs/timer-core';
import { EventWindow } from './event.window.js';
import { guardFlood } from './flood.guard.js';
import type { EnginePacket } from './frame.guard.js';
import { bufferedBytes, SlowReaders } from './slow.readers.js';

class Connection extends EventEmitter {
  readonly calls: string[] = [];
  writeBuffer: { data?: unknown }[] = [];
  readonly transport = { socket: { bufferedAmount: 0, terminate: () => this.calls.push('terminate') } };

  close(discard?: boolean): void {
    this.calls.push(discard ? 'discard' : 'close');
    this.emit('close');
  }

  /** Whether a frame got through. */
  packet(): boolean {
    const packet: EnginePacket = { type: 'message', data: '2["x"]' };
    this.emit('packet', packet);
    return packet.type === 'message';
  }
}

describe('the window of events', () => {
  it('counts anew when it has ended', () => {
    let now = 5;
    const window = new EventWindow(100, () => now);
    expect([window.add(), window.add()]).toEqual([1, 2]);
    now = 104;
    expect([window.add(), window.endsInMs]).toEqual([3, 1]);
    now = 105;
    expect([window.add(), window.endsInMs]).toEqual([1, 100]);
  });
});

describe('the guard against floods', () => {
  it('ends a connection at more than ten times the rate, once, and lets nothing through any more', () => {
    const connection = new Connection();
    let floods = 0;
    guardFlood(connection, { count: 2, perMs: durationMs(60_000) }, () => floods++);
    expect(Array.from({ length: 20 }, () => connection.packet())).toEqual(Array(20).fill(true));
    expect(Array.from({ length: 20 }, () => connection.packet())).toEqual(Array(20).fill(false));
    expect([floods, connection.calls]).toEqual([1, ['discard', 'terminate']]);
  });

  it('is off without a rate', () => {
    const connection = new Connection();
    guardFlood(connection, null, () => {});
    expect(Array.from({ length: 50 }, () => connection.packet())).toEqual(Array(50).fill(true));
  });
});

describe('slow readers', () => {
  it('have in their buffers what the server and what the websocket hold back', () => {
    const connection = new Connection();
    expect(bufferedBytes(connection)).toBe(0);
    connection.writeBuffer = [{ data: 'aä' }, { data: Buffer.alloc(4) }, {}];
    connection.transport.socket.bufferedAmount = 10;
    expect(bufferedBytes(connection)).toBe(3 + 4 + 10);
  });

  it('are cut off above the limit, and only they', () => {
    const slow: number[] = [];
    const watch = new SlowReaders(100, (bytes) => slow.push(bytes));
    const [good, bad] = [new Connection(), new Connection()];
    for (const connection of [good, bad]) watch.watch(connection);
    good.transport.socket.bufferedAmount = 100;
    bad.writeBuffer = [{ data: 'x'.repeat(101) }];
    watch.look();
    watch.look();
    watch.stop();
    expect([slow, good.calls, bad.calls]).toEqual([[101], [], ['discard', 'terminate']]);
  });
});
