import type { z } from 'zod';
import { parseBody } from '#libs/protocol';
import type { RoomRefusal } from '#libs/room';
import { refusalOf } from '../wire.refusal.js';
import { RefusedException } from './refused.exception.js';

/** The body, parsed. @throws RefusedException `invalid_payload` with the field */
export function bodyOf<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = parseBody(schema, body);
  if (!parsed.ok) throw new RefusedException(parsed.error);
  return parsed.body;
}

/** What a use case gave. @throws RefusedException for its refusal */
export function granted<T extends { readonly kind: string }>(
  result: T | RoomRefusal,
): Exclude<T, RoomRefusal> {
  if (result.kind === 'refused') throw new RefusedException(refusalOf(result as RoomRefusal));
  return result as Exclude<T, RoomRefusal>;
}
