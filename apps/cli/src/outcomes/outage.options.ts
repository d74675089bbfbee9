import { parseOptions, wholeNumber } from '../option.parser.js';

export interface OutageOptions {
  readonly downMs: number;
  readonly rooms: number;
  readonly json: boolean;
  /** A file that gets the JSON document too. */
  readonly out: string | undefined;
  /** For the document: what else was going on. */
  readonly note: string | undefined;
}

const DOWN_RANGE_S = { min: 1, max: 3_600 };
const ROOM_RANGE = { min: 1, max: 1_000 };

/** Reads the options of `outcomes outage`. @throws CannotRun for anything that is not meant */
export function parseOutageOptions(args: readonly string[]): OutageOptions {
  const values = parseOptions(args, {
    down: { type: 'string', default: '60' },
    rooms: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    note: { type: 'string' },
  });
  return {
    downMs: wholeNumber('--down', values.down, DOWN_RANGE_S) * 1_000,
    rooms: wholeNumber('--rooms', values.rooms, ROOM_RANGE),
    json: values.json,
    out: values.out,
    note: values.note,
  };
}
