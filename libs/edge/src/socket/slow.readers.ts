import { type EndableConnection, endNow } from './connection.end.js';

/** The part of an Engine.IO connection in which things wait to be sent. */
export interface BufferedConnection extends EndableConnection {
  readonly writeBuffer?: readonly { readonly data?: unknown }[];
  readonly transport?: EndableConnection['transport'] & {
    readonly socket?: { readonly bufferedAmount?: number; terminate?(): void };
  };
}

const LOOK_EVERY_MS = 1_000;

/**
 * Ends connections whose clients do not read what is sent to them, before that fills the memory. Everybody else is sent
 * to as before: nobody waits for a slow reader.
 */
export class SlowReaders {
  private readonly connections = new Set<BufferedConnection>();
  private readonly timer: NodeJS.Timeout;

  /** @param onSlow told how many bytes waited for a connection that was ended */
  constructor(
    private readonly maxBytes: number,
    private readonly onSlow: (bufferedBytes: number) => void,
  ) {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  watch(connection: BufferedConnection & { once(event: 'close', listener: () => void): unknown }): void {
    this.connections.add(connection);
    connection.once('close', () => this.connections.delete(connection));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Looks at every connection once; each second by itself. */
  look(): void {
    for (const connection of this.connections) {
      const bytes = bufferedBytes(connection);
      if (bytes <= this.maxBytes) continue;
      this.onSlow(bytes);
      endNow(connection);
    }
  }
}

/** What Engine.IO holds back, and what the websocket has taken but the network has not. */
export function bufferedBytes({ writeBuffer = [], transport }: BufferedConnection): number {
  let bytes = transport?.socket?.bufferedAmount ?? 0;
  for (const { data } of writeBuffer) {
    if (typeof data === 'string') bytes += Buffer.byteLength(data);
    else if (data instanceof Uint8Array) bytes += data.byteLength;
  }
  return bytes;
}
