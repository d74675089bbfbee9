import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanName, isNameLength, nameKey } from './name.text.js';

const LAWS = { numRuns: 2_000 };
/** Characters that matter to names, so that they often meet. */
const PIECES = [
  ...[
    'a',
    'E',
    'ß',
    'ẞ',
    'Σ',
    'ς',
    'σ',
    'İ',
    'ı',
    'ﬁ',
    'Å',
    '１',
    '1',
    '#',
    'é',
    '한',
    '\u1100',
    '\u1161',
    '\u11a8',
    '\u0958',
  ],
  ...[' ', '\t', '\n', '\r', '\u00a0', '\u2003', '\u3000', '\u2800', '\u2028', '\u2029', '\u0085'],
  ...[
    '\u0000',
    '\u001b',
    '\u007f',
    '\u009f',
    '\ud800',
    '\udc00',
    '\u200b',
    '\u200c',
    '\u200d',
    '\ufeff',
    '\u00ad',
    '\u034f',
  ],
  ...[
    '\u061c',
    '\u200e',
    '\u200f',
    '\u202e',
    '\u2066',
    '\u2069',
    '\u2060',
    '\u3164',
    '\uffa0',
    '\u{e0001}',
    '\u{e0067}',
    '\ufff9',
    '\uffff',
  ],
  ...['\u0301', '\u0323', '\u0307', '\u20e3', '\u0489', '\ufe0f', '\ufe0e', '\u{e0100}', '¨'],
  ...['😀', '❤', '👩', '🚀', '🏽', '🇫', '🇷'],
];
const anyName = fc.oneof(
  fc.string({ unit: fc.constantFrom(...PIECES), maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

describe('a cleaned name', () => {
  it('is clean already', () => {
    fc.assert(
      fc.property(anyName, (name) => expect(cleanName(cleanName(name))).toBe(cleanName(name))),
      LAWS,
    );
  });

  it('holds nothing that turns text round, hides, breaks a line or is no character', () => {
    const forbidden =
      /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2060-\u206f\u200b\u200c\u00ad\u3164\u2800\ufeff]|\u034f|[\u{e0000}-\u{e0fff}]/u;
    fc.assert(
      fc.property(anyName, (name) => expect(cleanName(name)).not.toMatch(forbidden)),
      LAWS,
    );
  });

  it('has joiners and selectors only where an emoji needs them', () => {
    const stray =
      /(?<!\p{Extended_Pictographic}|\ufe0f|[\u{1f3fb}-\u{1f3ff}])\u200d|\u200d(?!\p{Extended_Pictographic})|(?<![\p{Extended_Pictographic}0-9#*])\ufe0f|\ufe0e/u;
    fc.assert(
      fc.property(anyName, (name) => expect(cleanName(name)).not.toMatch(stray)),
      LAWS,
    );
  });

  it('is composed, has single spaces inside only, and at most three marks on end', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const clean = cleanName(name);
        expect(clean.normalize('NFC')).toBe(clean);
        expect(clean).not.toMatch(/^\s|\s$|\s\s|[^\S ]|\p{M}{4}/u);
      }),
      LAWS,
    );
  });

  it('has a length of 1-32 code points, or is refused', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const { length } = [...cleanName(name)];
        expect(isNameLength(cleanName(name))).toBe(length >= 1 && length <= 32);
      }),
      LAWS,
    );
  });

  it('keeps what people write', () => {
    const kept = [
      'Ada Lovelace',
      'Zoë',
      'Ðặng',
      '山田太郎',
      'عمر',
      'O’Neill-Ray',
      '👩🏽‍🚀',
      '👨‍👩‍👧‍👦',
      '❤️',
      '1️⃣',
      '🏳️‍🌈',
      '🇫🇷',
    ];
    expect(kept.map((name) => cleanName(name))).toEqual(kept.map((name) => name.normalize('NFC')));
  });

  it('has lost what does harm', () => {
    expect(cleanName(' \tAda\u0000 \u202e\n Lovelace\u2028')).toBe('Ada Lovelace');
    expect(cleanName('a\u200bd\u200da\ufe0f')).toBe('ada');
    expect(cleanName('e\u200b\u0301')).toBe('é');
    expect(cleanName(`Z${'\u0323\u0489'.repeat(20)}`)).toMatch(/^Z\u0323\p{M}?\p{M}?$|^Ẓ\p{M}{1,3}$/u);
    expect(cleanName('\u3164 \u2800\u200b\u{e0041}')).toBe('');
  });
});

describe('the key of a name', () => {
  it('is its own key, and that of the cleaned name', () => {
    fc.assert(
      fc.property(anyName, (name) => expect(nameKey(nameKey(name))).toBe(nameKey(name))),
      LAWS,
    );
  });

  it('is the same for names that look the same', () => {
    const same = [
      [
        'Ada Lovelace',
        '  ADA \u00a0lovelace ',
        'Ａｄａ　Ｌｏｖｅｌａｃｅ',
        'A\u200bda Love\u00adlace',
        'ada\nlovelace',
      ],
      ['Zoë', 'zoe\u0308', 'ZOË'],
      ['Strauß', 'STRAUSS', 'STRAUẞ'],
      ['ΟΔΥΣΣΕΥΣ', 'Οδυσσευς', 'οδυσσευσ'],
      ['ﬁfi', 'FIFI'],
    ];
    for (const names of same) expect(new Set(names.map((name) => nameKey(name))).size).toBe(1);
  });

  it('differs for names that differ', () => {
    const names = ['Ada', 'Ida', 'Ad a', 'Ada 2', 'Adá', '😀', '😃'];
    expect(new Set(names.map((name) => nameKey(name))).size).toBe(names.length);
  });
});
