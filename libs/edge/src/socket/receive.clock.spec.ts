import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ReceiveClock } from './receive.clock.js';

/** The pulse comes when the test says; turns of the loop are real. */
const ALL_BUT_SET_INTERVAL = [
  'setImmediate',
  'clearImmediate',
  'nextTick',
  'setTimeout',
  'performance',
  'Date',
] as const;

let clock: ReceiveClock | undefined;
afterEach(() => clock?.stop());

/** A clock on an instant that the test moves. */
function clockAt(): { at: (ms: number) => void; stamp: () => number; stalls: number[]; made: ReceiveClock } {
  let now = 0;
  const stalls: number[] = [];
  clock?.stop();
  const made = new ReceiveClock(
    () => now,
    (ms) => stalls.push(ms),
  );
  clock = made;
  return {
    at: (ms) => {
      now = ms;
    },
    stamp: () => made.stamp(),
    stalls,
    made,
  };
}

describe('the stamp of a frame', () => {
  it('is now while the loop is awake', () => {
    const { at, stamp, stalls } = clockAt();
    at(9);
    expect(stamp()).toBe(9);
    expect(stalls).toEqual([]);
  });

  it('is the same for all frames of one turn, and new in the next', async () => {
    const { at, stamp } = clockAt();
    at(5);
    expect(stamp()).toBe(5);
    at(9);
    expect(stamp()).toBe(5);
    await nextTurn();
    await nextTurn();
    expect(stamp()).toBe(9);
  });

  it('is when the loop was last seen awake after a stall, and the stall is told', () => {
    const { at, stamp, stalls } = clockAt();
    at(40);
    expect(stamp()).toBe(0);
    expect(stalls).toEqual([40]);
  });

  it('of frames that came while those of the turn before were worked on is the beginning of that turn', async () => {
    const { at, stamp } = clockAt();
    at(3);
    expect(stamp()).toBe(3);
    at(63);
    await nextTurn();
    await nextTurn();
    expect(stamp()).toBe(3);
  });

  it('of frames that came in a stall that began when the frames of a turn were already known is before that stall', async () => {
    // A gateway was stopped for 30 ms between asking for frames and reading the first one. That one was dated well; those
    // that had come meanwhile were read in the next turn and dated after the stall, so answers in time were late.
    jest.useFakeTimers({ doNotFake: [...ALL_BUT_SET_INTERVAL] });
    try {
      const { at, stamp } = clockAt();
      at(2);
      jest.advanceTimersByTime(10);
      at(40);
      expect(stamp()).toBe(2);
      await nextTurn();
      await nextTurn();
      at(41);
      expect(stamp()).toBe(2);
      await nextTurn();
      await nextTurn();
      // The next pulse shows that the loop is awake; its own turn still gets the benefit of the doubt.
      jest.advanceTimersByTime(10);
      expect(stamp()).toBe(2);
      await nextTurn();
      await nextTurn();
      at(45);
      expect(stamp()).toBe(45);
    } finally {
      jest.useRealTimers();
    }
  });

  it('on the real loop: a byte that was sent while the process was busy is stamped before the busy time', async () => {
    // Another thread sends, so that the byte really arrives while this one is busy.
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       const socket = require('node:net').connect(workerData.port, '127.0.0.1');
       const busy = new Int32Array(workerData.shared);
       socket.on('connect', () => {
         parentPort.postMessage('ready');
         Atomics.wait(busy, 0, 0);
         socket.write('x', () => Atomics.store(busy, 1, 1));
       });
       socket.on('close', () => process.exit(0));`,
      { eval: true, workerData: { port, shared: shared() } },
    );
    try {
      const [[socket]] = (await Promise.all([once(server, 'connection'), once(worker, 'message')])) as [
        [Socket],
        unknown,
      ];
      const real = new ReceiveClock();
      clock = real;
      await sleep(30);
      const data = new Promise<number>((resolve) => socket.once('data', () => resolve(real.stamp())));
      let busyFromMs = Number.NEGATIVE_INFINITY;
      setImmediate(() => {
        busyFromMs = performance.now();
        const view = new Int32Array(buffer);
        Atomics.store(view, 0, 1);
        Atomics.notify(view, 0);
        const busyForMs = () => performance.now() - busyFromMs;
        // Until the byte is on its way, however late the other thread has its turn.
        while (busyForMs() < 120 || (Atomics.load(view, 1) === 0 && busyForMs() < 20_000));
      });
      const stamp = await data;
      expect(stamp).toBeLessThan(busyFromMs + 30);
    } finally {
      await worker.terminate();
      server.close();
    }
  });
});

describe('what is done once all has been read that may have been there', () => {
  /** In how many turns of the loop it is done. */
  async function turnsUntilRead(of: ReceiveClock): Promise<number> {
    let isRead = false;
    of.onceRead(() => {
      isRead = true;
    });
    expect(isRead).toBe(false);
    for (let turns = 1; ; turns++) {
      await nextTurn();
      if (isRead) return turns;
    }
  }

  it('is done after this turn while the loop is awake, and after the next one where it stood still', async () => {
    const { at, made } = clockAt();
    at(10);
    expect(await turnsUntilRead(made)).toBe(1);
    at(51);
    expect(await turnsUntilRead(made)).toBe(2);
  });

  it('on the real loop: is done after a frame that came while the loop stood still before what is told was read', async () => {
    // The kernel has said that `first` and `telling` have something to read. While `first` is worked on, a frame comes, which
    // is for the next turn, and then a change, which is read in this one, behind what `telling` had anyway.
    const server = createServer();
    const socketOf = new Map<string, Socket>();
    server.on('connection', (socket) => {
      socket.once('data', (name) => {
        socketOf.set(String(name), socket);
        socket.write('known');
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number };
    const worker = new Worker(
      `const { once } = require('node:events');
       const { connect } = require('node:net');
       const { parentPort, workerData } = require('node:worker_threads');
       const step = new Int32Array(workerData.shared);
       const connected = async (name) => {
         const socket = connect({ port: workerData.port, host: '127.0.0.1', noDelay: true });
         socket.write(name);
         await once(socket, 'data');
         return socket;
       };
       const written = (socket, text) => new Promise((resolve) => socket.write(text, resolve));
       (async () => {
         const [first, telling, playing] = [await connected('first'), await connected('telling'), await connected('playing')];
         parentPort.postMessage('ready');
         Atomics.wait(step, 0, 0);
         await written(first, 'x');
         await written(telling, 'y');
         Atomics.store(step, 1, 1);
         Atomics.wait(step, 0, 1);
         await written(playing, 'frame');
         await written(telling, 'change');
         Atomics.store(step, 1, 2);
       })();`,
      { eval: true, workerData: { port, shared: shared() } },
    );
    try {
      await once(worker, 'message');
      const real = new ReceiveClock();
      clock = real;
      const view = new Int32Array(buffer);
      /** Stands still until the other thread has done its next step, and a while longer. */
      const standStill = (step: number) => {
        Atomics.store(view, 0, step);
        Atomics.notify(view, 0);
        const untilMs = performance.now() + 20_000;
        while (Atomics.load(view, 1) < step && performance.now() < untilMs);
        const doneMs = performance.now();
        while (performance.now() - doneMs < 50);
      };
      const seen: string[] = [];
      const isDone = new Promise<void>((resolve) => {
        socketOf.get('first')?.on('data', () => standStill(2));
        socketOf.get('playing')?.on('data', (data) => seen.push(String(data)));
        socketOf.get('telling')?.on('data', (data) => {
          seen.push(String(data));
          real.onceRead(() => {
            seen.push('all read');
            resolve();
          });
        });
      });
      setImmediate(() => standStill(1));
      await isDone;
      expect(seen).toEqual(['ychange', 'frame', 'all read']);
    } finally {
      await worker.terminate();
      server.close();
    }
  });
});

let buffer: SharedArrayBuffer;
function shared(): SharedArrayBuffer {
  buffer = new SharedArrayBuffer(8);
  return buffer;
}
