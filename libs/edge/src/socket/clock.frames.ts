import { QUIZ_NAMESPACE } from '#libs/protocol';
import type { EnginePacket } from './frame.guard.js';

/** The part of an Engine.IO connection by which a question about the clock comes and is answered. */
export interface ClockConnection {
  on(event: 'packet', listener: (packet: EnginePacket) => void): unknown;
  off(event: 'packet', listener: (packet: EnginePacket) => void): unknown;
  send(data: string): unknown;
}

/** A `clock:sync` as clients write it; one that says more, or less, is the decoder's business. */
const CLOCK_FRAME = new RegExp(
  `^2${QUIZ_NAMESPACE},(\\d{1,15})\\["clock:sync",\\{"sentAt":(0|[1-9]\\d{0,14})\\}\\]$`,
);

/**
 * Answers `clock:sync` before the frame is decoded. It is what settled clients send most, and what comes rarely runs cold:
 * through the decoder, the schema and the encoder one costs as much as ten ticks (docs/performance.md). `answer` gives the
 * acknowledgement, or undefined to let the frame take its usual way.
 *
 * @returns how to stop
 */
export function answerClockFrames(
  connection: ClockConnection,
  answer: (sentAt: number) => object | undefined,
): () => void {
  const listen = (packet: EnginePacket) => {
    if (packet.type !== 'message' || typeof packet.data !== 'string') return;
    const asked = CLOCK_FRAME.exec(packet.data);
    if (asked === null) return;
    const told = answer(Number(asked[2]));
    if (told === undefined) return;
    // Socket.IO looks at the type after the listeners have run.
    packet.type = 'noop';
    connection.send(`3${QUIZ_NAMESPACE},${asked[1]}${JSON.stringify([told])}`);
  };
  connection.on('packet', listen);
  return () => connection.off('packet', listen);
}
