import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';

/** A message as it came. */
export interface HeardMessage {
  readonly message: Buffer;
  /** When the last of it had been read: of `performance.now()`, ms. */
  readonly at: number;
}

/** Channels in one command. */
const BATCH = 500;

/**
 * A subscriber of Redis that does nothing while messages come but note the bytes and the instant: a client library that takes
 * each apart at once needs as long for it as Redis for publishing it, on the same cores, and those behind it would look late.
 * Shard channels; a server without a cluster.
 */
export class PlainSubscriber {
  private chunks: { readonly bytes: Buffer; readonly at: number }[] = [];
  private looking:
    | { readonly text: Buffer; count: number; readonly wanted: number; reached(): void }
    | undefined;

  private constructor(private readonly socket: net.Socket) {
    socket.on('data', (bytes) => this.take(bytes));
  }

  /** @param url redis:// or rediss://, with a password if need be */
  static async connect(url: string): Promise<PlainSubscriber> {
    const { protocol, hostname, port, username, password } = new URL(url);
    const to = { host: hostname, port: Number(port || 6_379) };
    const isTls = protocol === 'rediss:';
    const socket = isTls ? tls.connect(to) : net.connect(to);
    await once(socket, isTls ? 'secureConnect' : 'connect');
    socket.setNoDelay();
    const subscriber = new PlainSubscriber(socket);
    if (password !== '') {
      const user = username === '' ? [] : [decodeURIComponent(username)];
      socket.write(command('AUTH', ...user, decodeURIComponent(password)));
    }
    return subscriber;
  }

  /** Resolves when Redis has subscribed to all of them. What came before is forgotten. */
  async subscribe(channels: readonly string[]): Promise<void> {
    for (let i = 0; i < channels.length; i += BATCH) {
      this.socket.write(command('SSUBSCRIBE', ...channels.slice(i, i + BATCH)));
    }
    const answered = this.until('all are subscribed', 1);
    this.socket.write(command('PING', 'all are subscribed'));
    await answered;
    this.chunks = [];
  }

  /** Resolves when the text has come so many times from now on; stays open when it does not. */
  until(text: string, wanted: number): Promise<void> {
    return new Promise((reached) => {
      this.looking = { text: Buffer.from(text), count: 0, wanted, reached };
    });
  }

  /** The messages since `subscribe`; hears no more of those channels. */
  messages(): HeardMessage[] {
    this.socket.write(command('SUNSUBSCRIBE'));
    const { chunks } = this;
    this.chunks = [];
    return messagesOf(chunks);
  }

  close(): void {
    this.socket.destroy();
  }

  private take(bytes: Buffer): void {
    const before = this.chunks.at(-1)?.bytes;
    this.chunks.push({ bytes, at: performance.now() });
    const { looking } = this;
    if (looking === undefined) return;
    // What the last piece ended with may be the beginning of one.
    const seam = looking.text.length - 1;
    if (before !== undefined) {
      looking.count += occurrences(
        Buffer.concat([before.subarray(-seam), bytes.subarray(0, seam)]),
        looking.text,
      );
    }
    looking.count += occurrences(bytes, looking.text);
    if (looking.count < looking.wanted) return;
    this.looking = undefined;
    looking.reached();
  }
}

function occurrences(bytes: Buffer, text: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + text.length)) count += 1;
  return count;
}

const command = (...args: readonly string[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`;

/** Takes what came apart (RESP 2); of what is no message of a shard channel, nothing is kept. */
export function messagesOf(
  chunks: readonly { readonly bytes: Buffer; readonly at: number }[],
): HeardMessage[] {
  const all = Buffer.concat(chunks.map(({ bytes }) => bytes));
  const messages: HeardMessage[] = [];
  let [chunk, chunkEnd] = [0, chunks[0]?.bytes.length ?? 0];
  let at = 0;
  const line = () => {
    const end = all.indexOf('\r\n', at);
    const text = all.toString('latin1', at, end === -1 ? all.length : end);
    at = end === -1 ? all.length : end + 2;
    return text;
  };
  const value = (): Buffer => {
    const head = line();
    if (!head.startsWith('$')) return Buffer.from(head);
    const start = at;
    at += Number(head.slice(1)) + 2;
    return all.subarray(start, at - 2);
  };
  while (at < all.length) {
    const head = line();
    if (!head.startsWith('*')) continue;
    const parts = Array.from({ length: Number(head.slice(1)) }, value);
    if (at > all.length) break;
    while (chunkEnd < at && chunk < chunks.length - 1) {
      chunk += 1;
      chunkEnd += chunks[chunk]?.bytes.length ?? 0;
    }
    const [kind, , message] = parts;
    if (kind?.toString() === 'smessage' && message !== undefined) {
      messages.push({ message, at: chunks[chunk]?.at ?? 0 });
    }
  }
  return messages;
}
