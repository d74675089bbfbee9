import { LIMITS } from './limit.constants.js';

// Names are shown beside other people's, on a host's screen and in lists: no name may turn that text round, hide in it,
// grow out of its line, or look empty. They are cleaned, not refused: a pasted name is no offence.

/** Marks that one character may carry; more of them pile up over the lines above and below. */
const MAX_MARKS = 3;

/**
 * What no name holds: control characters, lone surrogates (no UTF-8 can say them), separators, whatever reorders text or
 * has no look of its own (zero-width characters, fillers, tags, selectors), and code points that are no characters.
 */
const UNSEEN = String.raw`\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\ufff9-\ufffb`;

/** A joiner between two pictures, perhaps behind a selector or a colour of skin: a family, a profession, a flag. */
const EMOJI_JOINER = String.raw`(?<=\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d(?=\p{Extended_Pictographic})`;

/** The selector behind a picture, or within a key cap (1, selector, U+20E3): without it it would be black and white. */
const EMOJI_SELECTOR = String.raw`(?<=\p{Extended_Pictographic})\ufe0f|(?<=[0-9#*])\ufe0f(?=\u20e3)`;

/** White space of any kind becomes a space; also the Braille cell without a dot, which looks like one. */
const SPACES_PATTERN = /[\p{White_Space}\u2800]+/gu;
const UNSEEN_PATTERN = new RegExp(`(${EMOJI_JOINER}|${EMOJI_SELECTOR})|[${UNSEEN}]`, 'gu');
const ALL_UNSEEN_PATTERN = new RegExp(`[${UNSEEN}]`, 'gu');
const PILED_MARKS_PATTERN = new RegExp(String.raw`(\p{M}{${MAX_MARKS}})\p{M}+`, 'gu');

/** Until nothing changes: what is removed may bring together what then composes. Almost always two rounds. */
function settled(text: string, step: (text: string) => string): string {
  let before: string;
  let after = text;
  do {
    before = after;
    after = step(before);
  } while (after !== before);
  return after;
}

/**
 * A name as it is shown: NFC, one space between words and none around them, without what is not seen (a joiner or a
 * selector stays where an emoji needs it), at most three marks on end. May be empty or too long.
 */
export function cleanName(name: string): string {
  return settled(name, (text) =>
    text
      .replace(SPACES_PATTERN, ' ')
      .replace(UNSEEN_PATTERN, '$1')
      .normalize('NFC')
      .replace(PILED_MARKS_PATTERN, '$1')
      .replace(SPACES_PATTERN, ' ')
      .trim(),
  );
}

/** Whether a cleaned name has 1-32 characters (code points). */
export function isNameLength(name: string): boolean {
  const { min, max } = LIMITS.nameLength;
  const length = [...name].length;
  return length >= min && length <= max;
}

/**
 * The form by which two names count as the same, whatever their case, width, spaces and unseen characters. Not for
 * showing. It does not see that letters of two alphabets look alike.
 */
export function nameKey(name: string): string {
  return settled(name, (text) =>
    // To capitals and back, because small letters alone differ for one word: a final sigma, a sharp s.
    text
      .normalize('NFKC')
      .replace(SPACES_PATTERN, ' ')
      .replace(ALL_UNSEEN_PATTERN, '')
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .replace(SPACES_PATTERN, ' ')
      .trim(),
  );
}
