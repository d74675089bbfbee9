import type { z } from 'zod';
import type { clientEventDefs } from './client-event.defs.js';
import type { serverEventSchemas } from './server-event.schema.js';
import type { ClientEventName, ServerEventName } from './wire/event.names.js';

type Defs = typeof clientEventDefs;

/** What a client may send with `E`: plain numbers, defaults left out. A server takes it for unknown until parsed. */
export type ClientEventInput<E extends ClientEventName> = z.input<Defs[E]['payload']>;

/** What `E` says once parsed: branded times, defaults filled in. */
export type ClientEventPayload<E extends ClientEventName> = z.output<Defs[E]['payload']>;

/** How a server answers `E`: `{ ok: true, ... }` or `{ ok: false, error }`. */
export type ClientEventAck<E extends ClientEventName> = z.output<Defs[E]['ack']>;

/** What a server sends with `E`. */
export type ServerEventPayload<E extends ServerEventName> = z.output<(typeof serverEventSchemas)[E]>;

/** Socket.IO's map of the events that a client sends. */
export type ClientToServerEvents = {
  [E in ClientEventName]: (payload: ClientEventInput<E>, ack: (answer: ClientEventAck<E>) => void) => void;
};

/** Socket.IO's map of the events that a server sends. */
export type ServerToClientEvents = {
  [E in ServerEventName]: (payload: ServerEventPayload<E>) => void;
};
