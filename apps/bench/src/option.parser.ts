import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { CannotRun } from './suite.types.js';

/** @throws CannotRun for an option that is not in the table, and for anything that is no option */
export function parsedArgs<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (failure) {
    throw new CannotRun(failure instanceof Error ? failure.message : String(failure));
  }
}

/** @throws CannotRun for anything but a whole number within the range */
export function wholeNumber(option: string, text: string, range: { min: number; max: number }): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= range.min && value <= range.max) return value;
  throw new CannotRun(`${option} takes a whole number from ${range.min} to ${range.max}, not "${text}".`);
}

/** Reads options of `values` that are whole numbers; undefined for one that was not given. */
export const numbersOf =
  <Option extends string>(values: { readonly [option in Option]?: string | undefined }) =>
  (option: Option, range: { min: number; max: number }): number | undefined => {
    const text = values[option];
    return text === undefined ? undefined : wholeNumber(`--${option}`, text, range);
  };

/** What every suite that plays against a cluster understands. */
export const COMMON_OPTIONS = {
  smoke: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
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

export const commonOptions = (values: {
  smoke: boolean;
  json: boolean;
  out?: string | undefined;
  note?: string | undefined;
}): CommonOptions => ({ isSmoke: values.smoke, json: values.json, out: values.out, note: values.note });
