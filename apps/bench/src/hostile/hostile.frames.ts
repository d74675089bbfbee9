import { once } from 'node:events';
import { WebSocket } from 'ws';
import { seeded } from '../seeded.random.js';

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const TWENTY = 'a'.repeat(20);

type Frame = string | Buffer;
type FrameMaker = (random: () => number) => Frame;

const pick = <T>(random: () => number, values: readonly T[]): T =>
  values[Math.floor(random() * values.length)] as T;

/** Each kind of hostility, as raw Engine.IO 4 frames of a websocket that is (or is not) in the namespace. */
export const HOSTILE_KINDS: Record<string, FrameMaker> = {
  'broken Engine.IO packet': (random) =>
    pick(random, ['', '9', 'x', '0{}', '5', '6', '1', '\u0000', '4', '44']),
  'unexpected Engine.IO packet': (random) => pick(random, ['3', '3probe', '2probe', '2', '0{"sid":"x"}']),
  'broken Socket.IO packet': (random) =>
    pick(random, [
      '42/quiz,',
      '42/quiz,{',
      '42/quiz,[',
      '42/quiz,[]',
      '42/quiz,[1]',
      '42/quiz,[null,{}]',
      '42/quiz,99999999999999999999["room:join",{}]',
      '42/quiz,-1["room:join",{}]',
      '47/quiz,[]',
      '4/quiz',
    ]),
  'wrong namespace': (random) =>
    pick(random, [
      '40/nope,',
      '42/nope,["room:join",{}]',
      `40/${TWENTY},`,
      '40/__proto__,',
      '40/admin,{"a":1}',
      '41/nope,',
    ]),
  'reserved event': (random) =>
    `42/quiz,["${pick(random, ['connect', 'disconnect', 'disconnecting', 'newListener', 'removeListener', 'error'])}",{}]`,
  'unknown event': (random) =>
    `42/quiz,7["${pick(random, ['__proto__', 'constructor', 'toString', 'room:', 'hasOwnProperty', TWENTY])}",{}]`,
  'attachments that never come': (random) =>
    pick(random, [
      '451-/quiz,["room:join",{"_placeholder":true,"num":0}]',
      '459-/quiz,["room:join",{"_placeholder":true,"num":8}]',
      '45999999999-/quiz,["room:join",{"_placeholder":true,"num":0}]',
      '451-/quiz,["answer:submit",{"_placeholder":true,"num":-1}]',
    ]),
  'stray binary': (random) => Buffer.alloc(Math.floor(random() * 512), 0xff),
  'a mebibyte': () => `42/quiz,1["room:join",{"name":"${'x'.repeat(1_048_576)}"}]`,
  'too large a payload': (random) =>
    `42/quiz,1["question:start",{"content":"${'y'.repeat(20_000 + random() * 20_000)}"}]`,
  'deep JSON': (random) => `42/quiz,1["question:start",{"content":${deep(pick(random, [1_000, 10_000]))}}]`,
  'prototype pollution': (random) =>
    `42/quiz,1["${pick(random, ['room:join', 'question:start', 'clock:sync'])}",{"__proto__":{"polluted":true,"role":"host"},"constructor":{"prototype":{"polluted":true}}}]`,
  'numbers that are none': (random) =>
    `42/quiz,1["clock:sync",{"sentAt":${pick(random, ['1e309', '-1e309', 'NaN', '-0', '1e-400', '9007199254740993', '"1"', 'null'])}}]`,
  'lone surrogates': () => '42/quiz,1["room:join",{"pin":"123456","name":"\\ud800"}]',
  'names of 20 characters': () =>
    `42/quiz,1["room:join",{"pin":"000000","name":"${TWENTY}","roomId":"${TWENTY}"}]`,
  'wrong types': (random) =>
    `42/quiz,1["room:join",${pick(random, ['null', '[]', '1', '"x"', '{"pin":{}}', '{"token":[]}', '{"token":"a.b.c"}', '{"pin":"1234567"}'])}]`,
  'many arguments': () => `42/quiz,1["room:join"${',{}'.repeat(200)}]`,
  'ack flood': (random) => `43/quiz,${Math.floor(random() * 1e9)}[{"ok":true}]`,
  'ack ids flood': (random) => `42/quiz,${Math.floor(random() * 1e9)}["room:leave",{}]`,
  'command without a join': (random) =>
    `42/quiz,1["${pick(random, ['question:start', 'question:stop', 'room:close', 'room:roster'])}",{"questionId":"q","durationMs":1000}]`,
  'events without an ack': () => '42/quiz,["question:stop",{}]',
  'second connect': () => '40/quiz,',
};

/** How long a hostile connection waits for the gateway's reaction; a gateway under a storm is not judged by it. */
const REACT_MS = 30_000;

/** What became of the frames of a storm. */
export interface StormReport {
  /** Frames sent without an error, by kind. */
  readonly kinds: Record<string, number>;
  /** Frames after which the gateway answered the next command: it took them and went on. */
  readonly survived: number;
  /** Frames after which the gateway ended the connection. */
  readonly thrownOut: number;
  /** Frames sent in a burst, whose single effects nobody looked at. */
  readonly unwatched: number;
}

interface KnownFrame {
  readonly kind: string;
  readonly frame: Frame;
}

const PROBE = '["clock:sync",{"sentAt":0}]';

/** One connection that sends hostile frames and comes back when it is thrown out. @param onSent told of each that was sent */
async function attacker(
  url: string,
  frames: readonly KnownFrame[],
  random: () => number,
  onSent: (kind: string) => void,
) {
  const report = { survived: 0, thrownOut: 0, unwatched: 0 };
  let socket: WebSocket | undefined;
  let probes = 0;
  const open = async () => {
    const address = `${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const next = new WebSocket(address, { handshakeTimeout: REACT_MS, maxPayload: 1 << 20 });
    next.on('error', () => undefined);
    await Promise.race([once(next, 'open'), once(next, 'close')]);
    // One in five never joins the namespace; the others wait for their admission, or their first frame would end them.
    if (next.readyState === WebSocket.OPEN && random() < 0.8) {
      next.send('40/quiz,');
      await new Promise<void>((resolve) => {
        next.on('message', (data) => String(data).startsWith('40/quiz') && resolve());
        next.on('close', () => resolve());
      });
    }
    return next;
  };
  /** Sends a harmless command behind the frame: either it is answered, or the connection has ended. */
  const reaction = (on: WebSocket): Promise<'survived' | 'thrownOut'> =>
    new Promise((resolve, reject) => {
      probes += 1;
      const answer = `43/quiz,${1_000_000_000 + probes}[`;
      const done = (how: 'survived' | 'thrownOut') => {
        clearTimeout(timer);
        on.off('message', heard);
        on.off('close', closed);
        resolve(how);
      };
      const heard = (data: unknown) => String(data).startsWith(answer) && done('survived');
      const closed = () => done('thrownOut');
      const timer = setTimeout(() => reject(new Error('the gateway neither answered nor closed')), REACT_MS);
      on.on('message', heard);
      on.on('close', closed);
      on.send(`42/quiz,${1_000_000_000 + probes}${PROBE}`, () => undefined);
      if (on.readyState === WebSocket.CLOSED) closed();
    });
  for (const { kind, frame } of frames) {
    if (socket?.readyState !== WebSocket.OPEN) socket = await open();
    const on = socket;
    const failure = await new Promise<unknown>((resolve) => on.send(frame, resolve));
    if (!failure) onSent(kind);
    if (random() < 0.3) report.unwatched += 1;
    else report[await reaction(on)] += 1;
  }
  if (socket !== undefined && socket.readyState !== WebSocket.CLOSED) {
    const closing = once(socket, 'close');
    socket.terminate();
    await closing;
  }
  return report;
}

export interface StormOptions {
  readonly seed: number;
  readonly frames: number;
  readonly connections: number;
}

/** Sends a storm of hostile frames, bounded in count, and says what became of them. */
export async function storm(url: string, options: StormOptions): Promise<StormReport> {
  const random = seeded(options.seed);
  const kinds = Object.entries(HOSTILE_KINDS);
  const counts: Record<string, number> = {};
  const shares: KnownFrame[][] = Array.from({ length: options.connections }, () => []);
  for (let i = 0; i < options.frames; i++) {
    // Every kind comes, in a shuffled order; the mebibytes are few because they only take time.
    const [name, make] = i < kinds.length ? (kinds[i] as [string, FrameMaker]) : pick(random, kinds);
    const isRare = name === 'a mebibyte' || name === 'deep JSON';
    const [kept, maker] = isRare && i >= kinds.length && random() > 0.1 ? pick(random, kinds) : [name, make];
    counts[kept] = 0;
    shares[i % options.connections]?.push({ kind: kept, frame: maker(random) });
  }
  const onSent = (kind: string) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  const reports = await Promise.all(shares.map((frames) => attacker(url, frames, random, onSent)));
  const sum = (field: 'survived' | 'thrownOut' | 'unwatched') =>
    reports.reduce((total, report) => total + report[field], 0);
  return {
    kinds: counts,
    survived: sum('survived'),
    thrownOut: sum('thrownOut'),
    unwatched: sum('unwatched'),
  };
}
