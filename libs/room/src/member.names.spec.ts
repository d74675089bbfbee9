import { describe, expect, it } from '@jest/globals';
import { distinctName, nameBases } from './member.names.js';

const keyed = (name: string) => ({ name, nameKey: name.toLowerCase() });

describe('a name that others have', () => {
  const given = (name: string, taken: string[]) =>
    distinctName(keyed(name), (nameKey) => taken.includes(nameKey));

  it('stays as it is while nobody has it', () => {
    expect(given('Ada', [])).toEqual({ name: 'Ada', nameKey: 'ada' });
    expect(given('Ada', ['ada (2)'])).toEqual({ name: 'Ada', nameKey: 'ada' });
  });

  it('gets the lowest number when they follow one another, and a free one in any case', () => {
    const taken = ['ada'];
    for (let number = 2; number < 2_000; number++) {
      const { nameKey } = given('Ada', taken);
      expect(nameKey).toBe(`ada (${number})`);
      taken.push(nameKey);
    }
    expect(given('Ada', ['ada', 'ada (2)', 'ada (4)']).nameKey).toMatch(/^ada \([35]\)$/);
    const holes = taken.filter((_, i) => i === 0 || i % 3 > 0);
    expect(holes).not.toContain(given('Ada', holes).nameKey);
  });

  it('asks few questions, however many have it', () => {
    let questions = 0;
    distinctName(keyed('Ada'), (nameKey) => {
      questions++;
      const number = Number(/\d+/.exec(nameKey)?.[0] ?? 1);
      return number <= 100_000;
    });
    expect(questions).toBeLessThan(50);
  });
});

describe('what stands before a number', () => {
  it('is cut so that the whole has 32 characters, at no half character, no blank and no joiner', () => {
    const bases = nameBases(keyed(`${'x'.repeat(25)} y\u{1f468}\u200d\u{1f469}zz`));
    const whole = bases.map(({ name }, i) => `${name} (${'9'.repeat(i + 1)})`);
    for (const name of whole) expect([...name].length).toBeLessThanOrEqual(32);
    const x = 'x'.repeat(25);
    expect(bases.map(({ name }) => name)).toEqual([
      `${x} y\u{1f468}`,
      `${x} y`,
      x,
      x,
      x.slice(1),
      x.slice(2),
    ]);
    expect(bases.map(({ nameKey }) => nameKey)).toEqual(bases.map(({ name }) => name));
  });

  it('is the whole name where there is room', () => {
    for (const base of nameBases(keyed('x'.repeat(23)))) expect(base.name).toBe('x'.repeat(23));
  });
});
