import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  durationMs,
  epochMs,
  type RunRecord,
  type TimelineEntry,
  type Verdict,
  version,
} from '#libs/timer-core';
import type { AnswerRecord, SettledRun } from './answer.ports.js';
import { isAfterDataLoss, isSameJson, outcomeOf } from './outcome.js';

const T0 = 1_700_000_000_000;
const at = (ms: number) => epochMs(T0 + ms);

const record: RunRecord = {
  runId: version(T0),
  questionId: 'q1',
  version: version(T0 + 20_000),
  opensAt: at(0),
  endsAt: at(20_000),
  cutoffAt: at(20_000),
  durationMs: durationMs(20_000),
  graceMs: durationMs(0),
  pauses: [],
  pausedMs: durationMs(0),
  pausedAt: null,
  closedAt: at(20_000),
  reason: 'expired',
  settlesAt: at(21_000),
};

const entry = (
  event: TimelineEntry['event'],
  ms: number,
  more: Partial<TimelineEntry> = {},
): TimelineEntry => ({
  event,
  at: at(ms),
  version: version(T0 + ms),
  endsAt: at(20_000),
  durationMs: durationMs(20_000),
  ...more,
});

let answersMade = 0;
function answer(playerId: string, ms: number, more: Partial<AnswerRecord> = {}): AnswerRecord {
  answersMade++;
  return {
    playerId,
    name: playerId.toUpperCase(),
    answerId: `a${answersMade}`,
    choice: '"A"',
    verdict: 'accepted',
    receivedAt: at(ms),
    elapsedMs: durationMs(ms),
    ...more,
  };
}

const settled = (more: Partial<SettledRun> = {}): SettledRun => ({
  record,
  settledAt: at(21_003),
  correct: null,
  timeline: [entry('started', 0), entry('closed', 20_000, { reason: 'expired' })],
  answers: [],
  earlier: [],
  ...more,
});

describe('the outcome of a run', () => {
  it('that nobody answered tells the run', () => {
    expect(outcomeOf(settled(), 'room', false)).toEqual({
      roomId: 'room',
      questionId: 'q1',
      runId: record.runId,
      opensAt: at(0),
      endsAt: at(20_000),
      closedAt: at(20_000),
      reason: 'expired',
      durationMs: 20_000,
      graceMs: 0,
      pausedMs: 0,
      settledAt: at(21_003),
      counts: { accepted: 0, late: 0, paused: 0, not_open: 0 },
      answers: [],
      timeline: [entry('started', 0), entry('closed', 20_000, { reason: 'expired' })],
    });
  });

  it('has one row per player: the accepted answer, else the last refused one', () => {
    const { answers, counts } = outcomeOf(
      settled({
        answers: [answer('p2', 3_000, { choice: '{"id":2}' })],
        earlier: [
          answer('p2', 1_000, { choice: '{"id":1}' }),
          answer('p1', 500, { verdict: 'not_open' }),
          answer('p1', 20_400, { verdict: 'late', lateByMs: durationMs(400) }),
          answer('p2', 20_100, { verdict: 'late' }),
          answer('p3', 700, { verdict: 'paused' }),
          answer('p4', 20, { verdict: 'not_open' }),
        ],
      }),
      'room',
      false,
    );
    expect(answers).toEqual([
      expect.objectContaining({ playerId: 'p4', verdict: 'not_open' }),
      expect.objectContaining({ playerId: 'p3', verdict: 'paused' }),
      {
        playerId: 'p2',
        name: 'P2',
        choice: { id: 2 },
        verdict: 'accepted',
        receivedAt: at(3_000),
        elapsedMs: 3_000,
      },
      expect.objectContaining({ playerId: 'p1', verdict: 'late', lateByMs: 400 }),
    ]);
    expect(counts).toEqual({ accepted: 1, late: 1, paused: 1, not_open: 1 });
  });

  it('orders answers of the same instant by player id', () => {
    const answers = ['p10', 'B', 'p9', 'a'].map((id) => answer(id, 1_000));
    const ids = outcomeOf(settled({ answers }), 'room', false).answers.map(({ playerId }) => playerId);
    expect(ids).toEqual(['B', 'a', 'p10', 'p9']);
  });

  it('says whether a choice is right only where the right one was given, also when that is null', () => {
    const answers = [answer('p1', 1, { choice: 'null' }), answer('p2', 2, { choice: '0' })];
    const plain = outcomeOf(settled({ answers }), 'room', false);
    expect(plain).not.toHaveProperty('correct');
    for (const row of plain.answers) expect(row).not.toHaveProperty('isCorrect');
    const judged = outcomeOf(settled({ answers, correct: 'null' }), 'room', false);
    expect(judged).toHaveProperty('correct', null);
    expect(judged.answers.map(({ isCorrect }) => isCorrect)).toEqual([true, false]);
  });

  it('merges what happened to the run with every verdict, by instant, the run first', () => {
    const { timeline } = outcomeOf(
      settled({
        timeline: [
          entry('closed', 20_000, { reason: 'expired' }),
          entry('started', 0),
          entry('opened', 1_000),
          // Two commands of the same instant: their versions tell the order.
          entry('resumed', 2_000, { version: version(T0 + 2_001) }),
          entry('paused', 2_000, { endsAt: null }),
        ],
        answers: [answer('p2', 2_000), answer('p1', 2_000)],
        earlier: [
          answer('p1', 20_000, { verdict: 'late' }),
          answer('p1', 1_500),
          answer('p3', 999, { verdict: 'not_open' }),
        ],
      }),
      'room',
      false,
    );
    expect(
      timeline.map((one) => (one.event === 'verdict' ? `${one.playerId} ${one.verdict}` : one.event)),
    ).toEqual([
      'started',
      'p3 not_open',
      'opened',
      'p1 accepted',
      'paused',
      'resumed',
      'p1 accepted',
      'p2 accepted',
      'closed',
      'p1 late',
    ]);
    expect(timeline[1]).toEqual({ event: 'verdict', at: at(999), playerId: 'p3', verdict: 'not_open' });
  });

  it('says that answers may be missing, and says nothing when none are', () => {
    expect(outcomeOf(settled(), 'room', true)).toHaveProperty('afterDataLoss', true);
    expect(outcomeOf(settled(), 'room', false)).not.toHaveProperty('afterDataLoss');
  });

  it('of a run that has not closed does not exist', () => {
    const open = { ...record, closedAt: null, reason: null, settlesAt: null };
    expect(() => outcomeOf(settled({ record: open }), 'room', false)).toThrow(TypeError);
  });
});

describe('answers may be missing', () => {
  it.each([
    ['in a room that was never told again', null, false],
    ['when it was told again while the run was open', 5_000, true],
    ['when it was told again before the run was settled', 21_000, true],
    ['when it was told again so soon after that its owner may not have known', 22_000, true],
    ['not when it was told again before the run was started', 0, false],
    [
      'not when it was told again long after the run was settled: that it is still settled says that all is there',
      60_000,
      false,
    ],
  ])('%s', (_, retoldAt, expected) => {
    expect(isAfterDataLoss(settled(), retoldAt === null ? null : at(retoldAt))).toBe(expected);
  });
});

describe('equality of JSON', () => {
  it.each([
    ['{"a":1,"b":[2]}', '{"b":[2],"a":1}', true],
    ['[1,2]', '[2,1]', false],
    ['[1]', '[1,1]', false],
    ['{"0":1}', '[1]', false],
    ['[]', '{}', false],
    ['{}', '{"a":null}', false],
    ['{"a":1}', '{"b":1}', false],
    ['{"__proto__":1}', '{"toString":1}', false],
    ['{"__proto__":{"a":1}}', '{"__proto__":{"a":1}}', true],
    ['{"toString":1}', '{}', false],
    ['{"__proto__":{}}', '{"a":{}}', false],
    ['1', '"1"', false],
    ['1', '1.0', true],
    ['-0', '0', true],
    ['null', 'false', false],
    ['null', '{}', false],
    ['""', '[]', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(isSameJson(JSON.parse(a), JSON.parse(b))).toBe(expected);
    expect(isSameJson(JSON.parse(b), JSON.parse(a))).toBe(expected);
  });

  it('holds for a value and itself with its keys in another order, and for nothing that says something else', () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, turned(inner)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const plain: unknown = JSON.parse(JSON.stringify(a));
        expect(isSameJson(plain, turned(plain))).toBe(true);
        expect(isSameJson(plain, [plain])).toBe(false);
        expect(isSameJson(a, b)).toBe(isSameJson(b, a));
      }),
    );
  });
});

describe('whatever was answered', () => {
  const players = fc.constantFrom('p1', 'p2', 'p3', 'p4');
  const verdicts = fc.constantFrom<Verdict>('late', 'paused', 'not_open');
  const choices = fc.constantFrom('"A"', '"B"', '{"a":1,"b":2}', '{"b":2,"a":1}');
  const given = fc.record({ playerId: players, ms: fc.integer({ min: 0, max: 22_000 }), choice: choices });
  const runs = fc.record({
    accepted: fc.uniqueArray(given, { selector: ({ playerId }) => playerId }),
    refused: fc.array(fc.record({ given, verdict: verdicts }), { maxLength: 12 }),
    correct: fc.option(choices),
    moments: fc.array(fc.integer({ min: 0, max: 22_000 }), { maxLength: 5 }),
  });
  const runOf = ({
    accepted,
    refused,
    correct,
    moments,
  }: typeof runs extends fc.Arbitrary<infer R> ? R : never) =>
    settled({
      answers: accepted.map(({ playerId, ms, choice }) => answer(playerId, ms, { choice })),
      earlier: refused.map(({ given: { playerId, ms, choice }, verdict }) =>
        answer(playerId, ms, { choice, verdict }),
      ),
      correct,
      timeline: [...moments].sort((a, b) => a - b).map((ms) => entry('extended', ms)),
    });

  it('everybody who answered has one row, the counts add up, and the timeline has everything in order', () => {
    fc.assert(
      fc.property(runs, (raw) => {
        const run = runOf(raw);
        const outcome = outcomeOf(run, 'room', false);
        const all = [...run.answers, ...run.earlier];
        const ids = outcome.answers.map(({ playerId }) => playerId);
        expect([...ids].sort()).toEqual([...new Set(all.map(({ playerId }) => playerId))].sort());
        for (const row of outcome.answers) {
          const own = run.answers.find(({ playerId }) => playerId === row.playerId);
          const last = Math.max(
            ...run.earlier
              .filter(({ playerId }) => playerId === row.playerId)
              .map(({ receivedAt }) => receivedAt),
          );
          expect(row.verdict === 'accepted').toBe(own !== undefined);
          expect(row.receivedAt).toBe(own?.receivedAt ?? last);
          expect(row.isCorrect !== undefined).toBe(run.correct !== null);
        }
        const { accepted, late, paused, not_open } = outcome.counts;
        expect(accepted).toBe(run.answers.length);
        expect(accepted + late + paused + not_open).toBe(ids.length);
        const instants = outcome.timeline.map((one) => one.at);
        expect(instants).toEqual([...instants].sort((a, b) => a - b));
        expect(outcome.timeline).toHaveLength(all.length + run.timeline.length);
      }),
    );
  });

  it('the document does not depend on the order in which a store gives its answers', () => {
    fc.assert(
      fc.property(runs, (raw) => {
        const run = runOf(raw);
        const instants = run.earlier.map(({ playerId, receivedAt }) => `${playerId} ${receivedAt}`);
        fc.pre(new Set(instants).size === instants.length);
        const turned = {
          ...run,
          answers: [...run.answers].reverse(),
          earlier: [...run.earlier].reverse(),
          timeline: [...run.timeline].reverse(),
        };
        const [one, other] = [outcomeOf(run, 'room', false), outcomeOf(turned, 'room', false)];
        expect(other.answers).toEqual(one.answers);
        expect(other.timeline.map(({ event, at: when }) => [event, when])).toEqual(
          one.timeline.map(({ event, at: when }) => [event, when]),
        );
      }),
    );
  });
});
