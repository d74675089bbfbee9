// The types of the wire as this package shows them: without the schema library, and with plain numbers for instants and durations.
export type * from './generated/wire.types.js';
