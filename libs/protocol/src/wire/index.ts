// The dependency-free part of the contract: browsers bundle it, so it imports nothing, not even the schema library.
export * from './error.codes.js';
export * from './event.names.js';
export * from './limit.constants.js';
export * from './name.text.js';
export * from './protocol.constants.js';
export * from './time.types.js';
