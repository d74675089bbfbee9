/** What Socket.IO's adapters say of a packet; a broadcast has one of these for all of its receivers. */
export interface WriteOptions {
  readonly volatile?: boolean;
  /** The packet as a websocket's frame, header and text: made once for all. */
  wsPreEncodedFrame?: readonly Buffer[];
}

/** The part of an Engine.IO connection by which broadcasts go out. */
export interface BroadcastConnection {
  readonly readyState: string;
  /** What waits until the websocket can take it. */
  readonly writeBuffer: readonly unknown[];
  /** Of `ws`; its `readyState` is 1 until one of the two sides closes. */
  readonly transport: { readonly socket?: { readonly readyState: number } };
  readonly request: {
    readonly socket: {
      readonly writable: boolean;
      readonly writableLength: number;
      write(frame: Buffer): unknown;
    };
  };
  write(data: unknown, options?: WriteOptions): unknown;
}

const WEBSOCKET_OPEN = 1;

/**
 * Has the frames of broadcasts written to the connection as they are. By way of Engine.IO each of them would be a packet, a
 * queue and half a dozen events for each receiver, and then two buffers for the kernel to put together: as much again as
 * the writing itself (docs/performance.md). Whatever is no broadcast goes the usual way, and so does a broadcast that would
 * overtake it.
 */
export function writeBroadcasts(connection: BroadcastConnection): void {
  const { socket } = connection.request;
  const usualWrite = connection.write;
  connection.write = (data, options) => {
    const frame = options?.wsPreEncodedFrame;
    const { readyState, writeBuffer } = connection;
    // Behind the frame that closes a websocket no other may come.
    const isOpen = readyState === 'open' && connection.transport.socket?.readyState === WEBSOCKET_OPEN;
    const mayGo = isOpen && writeBuffer.length === 0 && socket.writable;
    if (options === undefined || frame === undefined || !mayGo) {
      return usualWrite.call(connection, data, options);
    }
    // Its client does not read as fast: a tick is worth nothing when the next has come.
    if (options.volatile !== true || socket.writableLength === 0) socket.write(wholeFrame(options, frame));
    return connection;
  };
}

/** In one buffer, which its first receiver makes for all of them. */
function wholeFrame(options: WriteOptions, frame: readonly Buffer[]): Buffer {
  const [first] = frame;
  if (first !== undefined && frame.length === 1) return first;
  const whole = Buffer.concat(frame);
  options.wsPreEncodedFrame = [whole];
  return whole;
}
