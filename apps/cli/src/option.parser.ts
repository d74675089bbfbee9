import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CannotRun } from './command.types.js';

/**
 * `util.parseArgs` without positional arguments, whose complaints become ones for the user.
 *
 * @throws CannotRun for an unknown option, a missing value or an argument that belongs to no option
 */
export function parseOptions<O extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: O,
) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (failure) {
    throw new CannotRun(failure instanceof Error ? failure.message : String(failure));
  }
}

/**
 * A whole number within `range` (both ends allowed).
 *
 * @throws CannotRun that names the option and the range
 */
export function wholeNumber(
  option: string,
  text: string,
  range: { readonly min: number; readonly max: number },
): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= range.min && value <= range.max) return value;
  throw new CannotRun(`${option} takes a whole number from ${range.min} to ${range.max}, not "${text}".`);
}
