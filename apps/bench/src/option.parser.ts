import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { SEEDS } from './seeded.random.js';
import { CannotRun } from './suite.types.js';

interface Range {
  readonly min: number;
  readonly max: number;
}

/** What stands behind an option of a suite. */
type OptionKind =
  | ({ readonly kind: 'number' } & Range)
  | ({ readonly kind: 'numbers' } & Range)
  | { readonly kind: 'text' };

/** A whole number. */
export const number = (min: number, max: number) => ({ kind: 'number', min, max }) as const;
/** Whole numbers, with commas between them. */
export const numbers = (min: number, max: number) => ({ kind: 'numbers', min, max }) as const;
export const TEXT = { kind: 'text' } as const;
export const ROUNDS = number(1, 100);
export const SEED = number(0, SEEDS);

type ValueOf<Kind extends OptionKind> = Kind extends { kind: 'number' }
  ? number
  : Kind extends { kind: 'numbers' }
    ? readonly number[]
    : string;

/** What every suite understands. */
const COMMON_OPTIONS = {
  smoke: { type: 'boolean' },
  json: { type: 'boolean' },
  out: { type: 'string' },
  note: { type: 'string' },
} as const;

export interface CommonOptions {
  /** Small and short: times are not judged. */
  readonly isSmoke: boolean;
  /** One JSON document on stdout instead of tables. */
  readonly json: boolean;
  /** A file that gets the JSON document too. */
  readonly out: string | undefined;
  /** For the document: what else was going on. */
  readonly note: string | undefined;
}

/** A suite's own options, by name: those that were given. */
export type GivenOptions<Kinds extends Readonly<Record<string, OptionKind>>> = {
  readonly [Name in keyof Kinds]?: ValueOf<Kinds[Name]>;
};

/**
 * Reads the options that every suite understands, and those of one.
 *
 * @throws CannotRun for an option that is not in the table, for anything that is no option, and for what is outside its range
 */
export function suiteOptions<const Kinds extends Readonly<Record<string, OptionKind>>>(
  args: readonly string[],
  kinds: Kinds,
): { readonly common: CommonOptions; readonly given: GivenOptions<Kinds> } {
  const names = Object.keys(kinds);
  const own = Object.fromEntries(names.map((name) => [name, { type: 'string' } as const]));
  const values: Readonly<Record<string, unknown>> = parsedArgs(args, { ...COMMON_OPTIONS, ...own });
  const text = (name: string) => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const given = Object.entries(kinds).flatMap(([name, kind]) => {
    const told = text(name);
    return told === undefined ? [] : [[name, readOption(name, told, kind)]];
  });
  return {
    common: {
      isSmoke: values.smoke === true,
      json: values.json === true,
      out: text('out'),
      note: text('note'),
    },
    given: Object.fromEntries(given) as GivenOptions<Kinds>,
  };
}

function readOption(name: string, text: string, kind: OptionKind): number | number[] | string {
  switch (kind.kind) {
    case 'number':
      return wholeNumber(`--${name}`, text, kind);
    case 'numbers':
      return text.split(',').map((part) => wholeNumber(`--${name}`, part, kind));
    case 'text':
      return text;
    default:
      return kind satisfies never;
  }
}

function parsedArgs(args: readonly string[], options: ParseArgsOptionsConfig) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (failure) {
    throw new CannotRun(failure instanceof Error ? failure.message : String(failure));
  }
}

/** @throws CannotRun for anything but a whole number within the range */
export function wholeNumber(option: string, text: string, range: Range): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= range.min && value <= range.max) return value;
  throw new CannotRun(`${option} takes a whole number from ${range.min} to ${range.max}, not "${text}".`);
}

/** Whether each size is larger than the one before it. */
export const isRising = (sizes: readonly number[]): boolean =>
  sizes.every((size, i) => size > (sizes[i - 1] ?? 0));
