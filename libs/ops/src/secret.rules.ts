/** Words of examples and templates: whoever reads this file, or a book of them, knows such a secret. */
const PLACEHOLDER =
  /change[-_ ]?(me|it|this)|replace[-_ ]?(me|it|this|with)|your[-_ ]?(own[-_ ]?)?(\w+[-_ ])?(secret|key|token)|placeholder|insecure|not[-_ ]?(a[-_ ]?)?secret|(default|example|sample|dummy|demo|super|my|jwt|top)[-_ ]?secret|keyboard[-_ ]?cat|^(secret|password|passwort|qwerty|letmein|admin)/i;

/** A random secret of 32 characters, even of hexadecimal ones, has more. */
const LEAST_CHARACTERS = 8;

/** What makes a secret easy to guess, however long it is; undefined when nothing was found. Names no part of it. */
export function weaknessOf(secret: string): string | undefined {
  const placeholder = placeholderIn(secret);
  if (placeholder !== undefined) return placeholder;
  if (new Set(secret).size < LEAST_CHARACTERS)
    return `has fewer than ${LEAST_CHARACTERS} different characters`;
  if (isRepetition(secret) || isSequence(secret)) return 'repeats or counts up';
  return undefined;
}

/** Whether a secret or key is one that somebody forgot to replace. */
export const placeholderIn = (text: string): string | undefined =>
  PLACEHOLDER.test(text) ? 'is a well-known word of examples' : undefined;

/** Whether a text is one piece over and over, as `0123456789abcdef0123456789abcdef` is. */
const isRepetition = (text: string): boolean => (text + text).indexOf(text, 1) <= text.length / 2;

/** Whether most characters follow the one before, as on a keyboard's row of digits or in the alphabet. */
function isSequence(text: string): boolean {
  const steps = [...text].slice(1).filter((character, i) => {
    const step = character.charCodeAt(0) - text.charCodeAt(i);
    return step === 0 || Math.abs(step) === 1;
  });
  return steps.length > (text.length * 2) / 3;
}
