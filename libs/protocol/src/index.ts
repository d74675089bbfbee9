// The wire contract of protocol version 1: one source for servers, SDK and documentation.
export * from './ack.schema.js';
export * from './client-event.defs.js';
export * from './client-event.schema.js';
export * from './error.schema.js';
export * from './event.types.js';
export * from './outcome.schema.js';
export * from './payload.parser.js';
export * from './rest.schema.js';
export * from './server-event.schema.js';
export * from './snapshot.schema.js';
export * from './wire/index.js';
