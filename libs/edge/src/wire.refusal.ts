import {
  type ErrorCode,
  type Refused as PayloadRefused,
  type RefusedAck,
  type WireError,
  wireError,
} from '#libs/protocol';
import type { RoomRefusal } from '#libs/room';

/** A use case's refusal as it travels; whether it is retryable comes from the protocol's table. */
export function refusalOf(refusal: RoomRefusal): WireError {
  const { code, message, field } = refusal;
  return wireError(code, message, {
    ...(field === undefined ? {} : { field }),
    ...('retryAfterMs' in refusal ? { retryAfterMs: refusal.retryAfterMs } : {}),
  });
}

/** The ack of a refused command. */
export const refusedAck = (
  code: ErrorCode,
  message: string,
  details?: Parameters<typeof wireError>[2],
): RefusedAck & PayloadRefused => ({ ok: false, error: wireError(code, message, details) });

/** The ack of what a use case refused. */
export const refusalAck = (refusal: RoomRefusal): RefusedAck => ({ ok: false, error: refusalOf(refusal) });
