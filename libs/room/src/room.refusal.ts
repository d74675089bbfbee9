import type { DurationMs, Refusal } from '#libs/timer-core';
import { StoreUnavailableError } from './room.ports.js';

/** Codes with which a use case refuses, besides those of the rules. */
type RefusalCode =
  | 'room_not_found'
  | 'not_found'
  | 'room_full'
  | 'forbidden'
  | 'rate_limited'
  | 'conflict'
  | 'unavailable'
  | 'wrong_phase';

/** An expected "no" of a use case, with a stable code of the wire. */
export type RoomRefusal =
  | Refusal
  | {
      readonly kind: 'refused';
      readonly code: RefusalCode;
      readonly message: string;
      readonly field?: string;
      /** With `rate_limited`. */
      readonly retryAfterMs?: DurationMs;
    };

export const refuse = (
  code: RefusalCode,
  message: string,
  details: { readonly field?: string; readonly retryAfterMs?: DurationMs } = {},
): RoomRefusal => ({ kind: 'refused', code, message, ...details });

export const notFound = () => refuse('room_not_found', 'There is no such room, or it is closed.');
export const putOut = () => refuse('forbidden', 'You were removed from this room.');
export const unavailable = (what: string) => refuse('unavailable', `${what} Ask again with the same id.`);

/** Does the work of a use case; a store that does not answer makes it a refusal. */
export async function guarded<T>(work: () => Promise<T>): Promise<T | RoomRefusal> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreUnavailableError) return unavailable('The room could not be reached in time.');
    throw error;
  }
}
