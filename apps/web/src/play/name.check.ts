import { cleanName, isNameLength } from '#libs/protocol/wire';

/** A name as the server would take it, or what is wrong with it. */
export type NameCheck =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'missing' | 'too-long' };

/** Judges what somebody typed by the server's own rules: what is not seen is taken out, then 1-32 characters. */
export function checkName(typed: string): NameCheck {
  const name = cleanName(typed);
  if (name === '') return { kind: 'missing' };
  return isNameLength(name) ? { kind: 'name', name } : { kind: 'too-long' };
}
