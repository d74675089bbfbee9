import type { z } from 'zod';
import { clientEventDefs } from './client-event.defs.js';
import type { ClientEventPayload } from './event.types.js';
import { isPlainObject } from './json.measure.js';
import { type WireError, wireError } from './wire/error.codes.js';
import type { ClientEventName } from './wire/event.names.js';

/** A refusal to parse: always `invalid_payload`, always with a `field`. */
export interface Refused {
  readonly ok: false;
  readonly error: WireError;
}

/** A good event: `payload` is typed by `event`, so that a switch over `event` narrows it. */
export type ParsedClientEvent =
  | {
      [E in ClientEventName]: {
        readonly ok: true;
        readonly event: E;
        readonly payload: ClientEventPayload<E>;
      };
    }[ClientEventName]
  | Refused;

/** A good body of a REST request. */
export type ParsedBody<Body> = { readonly ok: true; readonly body: Body } | Refused;

/**
 * Parses what a client sent. `args` are the event's arguments without the ack callback. Never throws for anything that
 * can come off the wire. Known fields are copied to a new object, others dropped.
 *
 * Refuses with `invalid_payload` and `field`: `"event"` for an unknown event, `""` unless there is exactly one plain object,
 * else the dotted path of the first offending field in the order of the schema.
 */
export function parseClientEvent(event: string, args: readonly unknown[]): ParsedClientEvent {
  // Own properties only: `constructor` and `__proto__` are events that nobody knows.
  if (!isClientEvent(event)) return refused('event', 'Unknown event');
  if (args.length !== 1) return refused('', 'Expected exactly one object');
  const parsed = parseObject(clientEventDefs[event].payload, args[0]);
  if (!parsed.ok) return parsed;
  // The table pairs each event with its payload, which TypeScript cannot follow through a union of keys.
  return { ok: true, event, payload: parsed.body } as ParsedClientEvent;
}

/**
 * Parses the body of a REST request by one of the schemas of the contract; refuses as `parseClientEvent` does. No body
 * at all (`undefined`) counts as `{}`, since most bodies have no field that must be there.
 */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): ParsedBody<z.output<Schema>> {
  return parseObject(schema, body === undefined ? {} : body);
}

function isClientEvent(event: string): event is ClientEventName {
  return Object.hasOwn(clientEventDefs, event);
}

function parseObject<Schema extends z.ZodType>(schema: Schema, value: unknown): ParsedBody<z.output<Schema>> {
  // The schemas would read the fields of any object, also of a buffer that Socket.IO delivers as an attachment.
  if (!isPlainObject(value)) return refused('', 'Expected exactly one object');
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, body: result.data };
  const issue = result.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  return refused(field, issue?.message ?? 'Invalid input');
}

function refused(field: string, reason: string): Refused {
  const message = field === '' || field === 'event' ? reason : `${field}: ${reason}`;
  return { ok: false, error: wireError('invalid_payload', message, { field }) };
}
