import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadResults, type ResultsPlatform, resultsAnswer, settlesInMs } from './results.loader.js';
import { readResults, resultBars } from './results.reader.js';

const CHOICES = [
  { id: 'a', text: 'One' },
  { id: 'b', text: 'Two' },
];
const results = (choices: readonly { choice: unknown; count: number }[], correct?: unknown) => ({
  runId: 7,
  answered: choices.reduce((sum, { count }) => sum + count, 0),
  choices,
  ...(correct === undefined ? {} : { correct }),
});

describe('the bars of the results', () => {
  it('are the choices in their order, also those that nobody took', () => {
    expect(resultBars(CHOICES, results([{ choice: 'b', count: 3 }], 'b'))).toEqual([
      { key: '"a"', text: 'One', index: 0, count: 0, share: 0, isRight: false },
      { key: '"b"', text: 'Two', index: 1, count: 3, share: 1, isRight: true },
    ]);
  });

  it('say nothing about right and wrong where nobody knows', () => {
    const bars = resultBars(CHOICES, results([{ choice: 'b', count: 3 }]));
    expect(bars.map(({ isRight }) => isRight)).toEqual([null, null]);
  });

  it('know several right answers, and answers that are no text', () => {
    expect(resultBars(CHOICES, results([], ['a', 'b'])).map(({ isRight }) => isRight)).toEqual([true, true]);
    const [, , other] = resultBars(CHOICES, results([{ choice: { y: 1, x: 2 }, count: 1 }], { x: 2, y: 1 }));
    expect(other).toMatchObject({ index: null, isRight: true, text: '{"x":2,"y":1}' });
  });

  it('put other answers behind the choices, the most frequent first, and not all of them', () => {
    const many = Array.from({ length: 9 }, (_, i) => ({ choice: `x${i}`, count: i + 1 }));
    const bars = resultBars(CHOICES, results(many));
    expect(bars.slice(2).map(({ text }) => text)).toEqual(['x8', 'x7', 'x6', 'x5']);
    expect(bars[2]?.share).toBeCloseTo(9 / 45);
  });

  it('are four neutral ones where a question has none, if somebody took one of those', () => {
    const bars = resultBars(
      [],
      results(
        [
          { choice: 'c', count: 2 },
          { choice: 'else', count: 1 },
        ],
        'c',
      ),
    );
    expect(bars.map(({ text, index, count }) => [text, index, count])).toEqual([
      ['A', 0, 0],
      ['B', 1, 0],
      ['C', 2, 2],
      ['D', 3, 0],
      ['else', null, 1],
    ]);
    expect(resultBars([], results([{ choice: 'else', count: 1 }]))).toHaveLength(1);
  });

  it('never throw and never have two of one key, whatever was answered', () => {
    const answers = fc.array(fc.record({ choice: fc.jsonValue(), count: fc.nat(1000) }));
    fc.assert(
      fc.property(answers, fc.option(fc.jsonValue(), { nil: undefined }), (given, correct) => {
        const bars = resultBars(CHOICES, results(given, correct));
        expect(new Set(bars.map(({ key }) => key)).size).toBe(bars.length);
        for (const { share } of bars) expect(share >= 0 && share <= 1).toBe(true);
      }),
    );
  });
});

describe('the answer to a request for results', () => {
  it('is read field by field', () => {
    const body = {
      runId: 7,
      answered: 2,
      correct: null,
      choices: [{ choice: 'a', count: 2 }, { count: 1 }, 7],
    };
    expect(readResults(body)).toEqual({
      runId: 7,
      answered: 2,
      correct: null,
      choices: [{ choice: 'a', count: 2 }],
    });
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const read = readResults(json);
        expect(read === null || Array.isArray(read.choices)).toBe(true);
      }),
    );
  });

  it.each([
    [409, null, 'later'],
    [429, null, 'later'],
    [503, null, 'later'],
    [200, results([]), 'results'],
    [200, { ...results([]), runId: 6 }, 'later'],
    [200, { ...results([]), runId: 8 }, 'never'],
    [200, {}, 'never'],
    [401, null, 'never'],
    [404, null, 'never'],
  ])('%i %j means %s', (status, body, kind) => {
    expect(resultsAnswer(status, body, 7).kind).toBe(kind);
  });

  it('is asked for when the run is settled', () => {
    expect(settlesInMs({ closedAt: 1_000, graceMs: 400 }, 1_100)).toBe(1_300);
    expect(settlesInMs({ closedAt: 1_000, graceMs: null }, 9_000)).toBe(0);
    expect(settlesInMs({ graceMs: 0 }, null)).toBe(1_000);
  });
});

describe('loading results', () => {
  const request = (signal: AbortSignal) => ({
    roomId: '3-a/b',
    questionId: 'q 1',
    runId: 7,
    token: 't',
    delayMs: 1_400,
    signal,
  });

  /** Answers one after the other; notes what was waited for and asked. */
  function platform(statuses: readonly (number | Error)[]) {
    const log: (string | number)[] = [];
    const left = [...statuses];
    const given: ResultsPlatform = {
      wait: async (delayMs) => {
        log.push(delayMs);
      },
      fetch: async (url) => {
        log.push(url);
        const status = left.shift() ?? 404;
        if (status instanceof Error) throw status;
        return { status, json: async () => results([]) };
      },
    };
    return { log, given };
  }
  const URL = '/v1/rooms/3-a%2Fb/questions/q%201/results';

  it('waits for the settling, and asks again while there is nothing', async () => {
    const { log, given } = platform([409, new Error('offline'), 503, 200]);
    await expect(loadResults(request(new AbortController().signal), given)).resolves.toEqual(results([]));
    expect(log).toEqual([1_400, URL, 250, URL, 500, URL, 1_000, URL]);
  });

  it('gives up where asking again changes nothing', async () => {
    const { log, given } = platform([401]);
    await expect(loadResults(request(new AbortController().signal), given)).resolves.toBeNull();
    expect(log).toEqual([1_400, URL]);
  });

  it('ends when nobody wants them any more', async () => {
    const { log, given } = platform([200]);
    await expect(loadResults(request(AbortSignal.abort()), given)).resolves.toBeNull();
    expect(log).toEqual([1_400]);
  });
});
