/** Characters (code points) that a name may have; the wire's limit. */
const MAX_NAME_LENGTH = 32;

/** Digits of the highest number that tells names apart: a room remembers at most 200,000 players. */
const MAX_DIGITS = 6;

/** A name, and the form by which two names count as the same. */
export interface KeyedName {
  readonly name: string;
  readonly nameKey: string;
}

/** Blanks at the cut, and a joiner whose second half was cut off. */
const CUT_END = /[\s\u200d]+$/u;

/**
 * What stands before ` (<number>)` in a name that is told apart, by the number's count of digits, from one digit on: the
 * name, cut so that the whole has at most 32 characters. As many are cut from the end of its key, which is exact unless
 * the key writes those characters with more or fewer.
 */
export function nameBases({ name, nameKey }: KeyedName): KeyedName[] {
  const [characters, keyCharacters] = [[...name], [...nameKey]];
  return Array.from({ length: MAX_DIGITS }, (_, i) => {
    const room = MAX_NAME_LENGTH - ' ()'.length - (i + 1);
    const surplus = characters.length - room;
    if (surplus <= 0) return { name, nameKey };
    return {
      name: characters.slice(0, room).join('').replace(CUT_END, ''),
      nameKey: keyCharacters.slice(0, -surplus).join('').replace(CUT_END, ''),
    };
  });
}

/** The name as it is, or with the lowest number from 2 on that makes it unlike all others: `Ada (2)`. */
export function distinctName(given: KeyedName, isTaken: (nameKey: string) => boolean): KeyedName {
  if (!isTaken(given.nameKey)) return given;
  const bases = nameBases(given);
  const numbered = (number: number): KeyedName => {
    const { name, nameKey } = bases[String(number).length - 1] ?? given;
    return { name: `${name} (${number})`, nameKey: `${nameKey} (${number})` };
  };
  return numbered(freeNumber((number) => isTaken(numbered(number).nameKey)));
}

/**
 * A number from 2 on that is free, the lowest where none below it was given back. Few questions: a room may hold thousands
 * of one name.
 */
function freeNumber(isTaken: (number: number) => boolean): number {
  let [taken, free] = [1, 2];
  while (isTaken(free)) [taken, free] = [free, free * 2];
  while (free - taken > 1) {
    const middle = Math.floor((taken + free) / 2);
    if (isTaken(middle)) taken = middle;
    else free = middle;
  }
  return free;
}
