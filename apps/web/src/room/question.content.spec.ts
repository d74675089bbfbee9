import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerChoices, isPad, readContent } from './question.content.js';

describe('the content of a question', () => {
  it('is read as text and choices, in their order', () => {
    const content = {
      text: ' Which? ',
      choices: [
        { id: 'b', text: 'Two' },
        { id: 'a', text: 'One' },
      ],
    };
    expect(readContent(content)).toEqual({
      text: 'Which?',
      choices: [
        { id: 'b', text: 'Two' },
        { id: 'a', text: 'One' },
      ],
    });
  });

  it.each([
    undefined,
    null,
    'text',
    7,
    [],
    [{ text: 'x' }],
    { text: 7 },
    { choices: 'ab' },
    { text: '  ' },
    JSON.parse('{"__proto__":{"text":"x"}}'),
  ])('that is of another form says nothing: %j', (content) => {
    expect(readContent(content)).toEqual({ text: null, choices: [] });
  });

  it('loses only the choices that are none', () => {
    const choices = [
      null,
      { id: 7 },
      { id: '' },
      { text: 'no id' },
      { id: 'a' },
      { id: 'a', text: 'again' },
      3,
    ];
    expect(readContent({ text: 'T', choices })).toEqual({ text: 'T', choices: [{ id: 'a', text: 'a' }] });
  });

  it('gives a pad of four to answer with when there are no choices', () => {
    const content = readContent({ text: 'Say it' });
    expect(isPad(content)).toBe(true);
    expect(answerChoices(content).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
    expect(answerChoices(readContent({ choices: [{ id: 'x' }] }))).toEqual([{ id: 'x', text: 'x' }]);
  });

  it('never throws and never gives two choices the same id, whatever it is', () => {
    const half = fc.record(
      { text: fc.anything(), choices: fc.oneof(fc.anything(), fc.array(fc.record({ id: fc.anything() }))) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.anything(), half), (content) => {
        const { text, choices } = readContent(content);
        expect(text === null || typeof text === 'string').toBe(true);
        expect(new Set(choices.map(({ id }) => id)).size).toBe(choices.length);
        for (const choice of choices) {
          expect(typeof choice.id).toBe('string');
          expect(typeof choice.text).toBe('string');
        }
      }),
    );
  });
});
