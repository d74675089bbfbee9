import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, VERDICTS } from '#libs/protocol/wire';
import { en } from './en.js';
import { errorText, failureText } from './error.text.js';
import { LANGUAGE_CODES, LANGUAGES, languageFor } from './languages.js';
import { textFormat } from './text.format.js';

type Leaf = string | ((...args: readonly unknown[]) => string);

/** Every text with its path, `host.form.save`. */
function leaves(value: unknown, path = ''): readonly (readonly [string, Leaf])[] {
  if (typeof value === 'string' || typeof value === 'function') return [[path, value as Leaf]];
  return Object.entries(value as object).flatMap(([key, part]) =>
    leaves(part, path === '' ? key : `${path}.${key}`),
  );
}

/** What a function of texts says; numbers do for names, too, because they are only put in. */
const said = (text: Leaf, value: unknown): string =>
  typeof text === 'string' ? text : text(value, value, value);

const others = LANGUAGE_CODES.filter((code) => code !== 'en');

describe.each(LANGUAGE_CODES)('the texts in %s', (code) => {
  const texts = leaves(LANGUAGES[code].messages);

  it('are all there, as many as in English', () => {
    expect(texts.map(([path]) => path)).toEqual(leaves(en).map(([path]) => path));
    expect(texts.length).toBeGreaterThan(100);
  });

  it('are functions where those in English are', () => {
    const kinds = (all: ReturnType<typeof leaves>) => all.map(([path, text]) => [path, typeof text]);
    expect(kinds(texts)).toEqual(kinds(leaves(en)));
  });

  it.each([0, 1, 2, 5_000])('say something, also of %d', (value) => {
    const silent = texts.filter(([, text]) => /^\s*$|undefined|NaN|\[object/.test(said(text, value)));
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it('have a sentence for every error code and every verdict of the wire', () => {
    const { errors, verdicts } = LANGUAGES[code].messages;
    expect(Object.keys(errors).sort()).toEqual([...ERROR_CODES].sort());
    expect(Object.keys(verdicts).sort()).toEqual([...VERDICTS].sort());
    expect(new Set(Object.values(errors)).size).toBe(ERROR_CODES.length);
  });

  it('say how late an answer was, and do not invent it', () => {
    const { late } = LANGUAGES[code].messages.verdicts;
    expect(late(1_234)).toMatch(/1[.,]2/);
    expect(late(null)).not.toMatch(/\d|null/);
  });
});

describe.each(others)('the texts in %s', (code) => {
  it('are not left in English', () => {
    const english = new Map(leaves(en));
    const same = leaves(LANGUAGES[code].messages).filter(([path, text]) => {
      const other = english.get(path);
      const words = said(text, 3);
      return other !== undefined && words === said(other, 3) && words.split(/\s+/).length > 3;
    });
    expect(same.map(([path]) => path)).toEqual([]);
  });
});

describe('a refusal in words', () => {
  it('is the sentence of its code, and says when to try again', () => {
    expect(errorText(en, { code: 'room_full' })).toBe(en.errors.room_full);
    expect(errorText(en, { code: 'rate_limited', retryAfterMs: 1_400 })).toBe(
      `${en.errors.rate_limited} Try again in 2 seconds.`,
    );
  });

  it('names the code of a newer server', () => {
    expect(errorText(en, { code: 'too_funny' })).toContain('too_funny');
    expect(errorText(en, { code: 'constructor' })).toContain('constructor');
  });

  it('is about the connection when there was no answer at all', () => {
    expect(failureText(en, new TypeError('Failed to fetch'))).toBe(en.errorDetails.unreachable);
  });
});

describe('the language for a browser', () => {
  it('is the first one that there is, whatever the region', () => {
    expect(languageFor(['fr-CA', 'de-AT', 'en'])).toBe('de');
    expect(languageFor(['ES'])).toBe('es');
  });

  it('is English where there is none of them', () => {
    expect(languageFor(['fr', 'constructor', ''])).toBe('en');
    expect(languageFor([])).toBe('en');
  });
});

describe('the format of a language', () => {
  it('picks the word that goes with the number', () => {
    const { count } = textFormat('en');
    const forms = { one: 'player', other: 'players' };
    expect([0, 1, 2, 1_200].map((value) => count(value, forms))).toEqual([
      '0 players',
      '1 player',
      '2 players',
      '1,200 players',
    ]);
  });

  it('writes short times as milliseconds and longer ones as seconds', () => {
    expect(textFormat('en').time(320)).toBe('320 ms');
    expect(textFormat('en').time(1_440)).toBe('1.4\u00a0s');
    expect(textFormat('de').time(1_440)).toBe('1,4\u00a0s');
  });
});
