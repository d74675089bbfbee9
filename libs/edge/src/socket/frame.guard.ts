import { LIMITS } from '#libs/protocol';

/** A packet of Engine.IO, before its text is decoded. Socket.IO reads `type` and `data` after the listeners have run. */
export interface EnginePacket {
  type: string;
  data?: unknown;
}

/** The part of an Engine.IO connection that the guard needs. */
export interface EngineConnection {
  on(event: 'packet', listener: (packet: EnginePacket) => void): unknown;
  close(discard?: boolean): unknown;
}

/**
 * The names of events into which the guard turns what it does not let in. A client that sends one of them itself gets the
 * same refusal.
 */
export const GUARDED_EVENTS = { tooLarge: '$too_large', binary: '$binary' } as const;

/** An event with or without attachments: type, number of attachments, namespace, number of the ack. */
const EVENT_HEADER = /^([25])(?:\d+-)?(\/[^,]*,)?(\d*)(?=\[)/;
const BINARY_TYPES = /^[56]/;

/**
 * Looks at each frame of a connection before it is decoded. An event of more than 16 KiB, or with binary attachments, is
 * replaced by a short one that names the reason, under the same ack number, so that the dispatcher can refuse it by an
 * ack; the attachments are dropped. (Socket.IO itself only knows a limit at which it ends the connection.) Too large a
 * frame that is no event ends the connection.
 */
export function guardFrames(connection: EngineConnection): void {
  connection.on('packet', (packet) => {
    if (packet.type !== 'message') return;
    if (typeof packet.data !== 'string') {
      // Its header was replaced, so the decoder expects none.
      packet.type = 'noop';
      return;
    }
    const isTooLarge = Buffer.byteLength(packet.data) > LIMITS.frameBytes;
    const isBinary = BINARY_TYPES.test(packet.data);
    if (!isTooLarge && !isBinary) return;
    const header = EVENT_HEADER.exec(packet.data);
    if (header === null) {
      packet.type = 'noop';
      connection.close(true);
      return;
    }
    const [, , namespace = '', ackNumber = ''] = header;
    const event = isTooLarge ? GUARDED_EVENTS.tooLarge : GUARDED_EVENTS.binary;
    packet.data = `2${namespace}${ackNumber}${JSON.stringify([event])}`;
  });
}
