import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from '@jest/globals';
import { roomOutcomesSchema } from '#libs/protocol';
import type { Outcome, OutcomeAnswer } from '#libs/room';
import { outcomeCsv, outcomeRows, roomOutcomesJson } from './outcome.documents.js';

const row = (more: Partial<OutcomeAnswer> = {}): OutcomeAnswer => ({
  playerId: 'p1',
  name: 'Ada',
  choice: 'A',
  verdict: 'accepted',
  receivedAt: 1_700_000_001_234 as never,
  elapsedMs: 1_234 as never,
  ...more,
});

const outcome = (answers: OutcomeAnswer[], more: Partial<Outcome> = {}): Outcome =>
  ({
    roomId: '000room',
    questionId: 'q1',
    runId: 1_700_000_000_000,
    opensAt: 1_700_000_000_000,
    endsAt: 1_700_000_020_000,
    closedAt: 1_700_000_020_000,
    reason: 'expired',
    durationMs: 20_000,
    graceMs: 0,
    pausedMs: 0,
    settledAt: 1_700_000_021_000,
    counts: { accepted: answers.length, late: 0, paused: 0, not_open: 0 },
    answers,
    timeline: [],
    ...more,
  }) as unknown as Outcome;

async function csvOf(...outcomes: Outcome[]): Promise<string> {
  let text = '';
  await pipeline(Readable.from(outcomeRows(outcomes)), outcomeCsv(), async (chunks) => {
    for await (const chunk of chunks) text += chunk;
  });
  return text;
}
const HEADER =
  'roomId,questionId,runId,opensAt,closedAt,reason,playerId,name,choice,verdict,receivedAt,elapsedMs,lateByMs,isCorrect,afterDataLoss';
const START = '000room,q1,1700000000000,1700000000000,1700000020000,expired,p1,';

describe('outcomes as CSV', () => {
  it('have a header, and a row per answer of each run', async () => {
    const late = row({ verdict: 'late', lateByMs: 0 as never, isCorrect: false });
    const text = await csvOf(
      outcome([row(), row({ isCorrect: true, choice: { b: [1, 'x'] } })]),
      outcome([]),
      outcome([late], { runId: 7 as never, opensAt: null, afterDataLoss: true }),
    );
    expect(text).toBe(
      [
        HEADER,
        `${START}Ada,"""A""",accepted,1700000001234,1234,,,`,
        `${START}Ada,"{""b"":[1,""x""]}",accepted,1700000001234,1234,,true,`,
        `000room,q1,7,,1700000020000,expired,p1,Ada,"""A""",late,1700000001234,1234,0,false,true`,
        '',
      ].join('\r\n'),
    );
  });

  it('have a header also when nobody answered', async () => {
    expect(await csvOf()).toBe(`${HEADER}\r\n`);
  });

  it.each([
    ['=HYPERLINK("http://evil.example";"x")', `"'=HYPERLINK(""http://evil.example"";""x"")"`],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['＝1', "'＝1"],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\nb', '"a\nb"'],
    ['a\rb', '"a\rb"'],
    ['a\r\nb', '"a\r\nb"'],
    ['Žofie 😀', 'Žofie 😀'],
    ['', ''],
  ])('write the name %j as %s', async (name, written) => {
    const text = await csvOf(outcome([row({ name })]));
    expect(text.slice(HEADER.length + 2)).toBe(
      `${START}${written},"""A""",accepted,1700000001234,1234,,,\r\n`,
    );
  });

  it.each([
    ['=1+1', '"""=1+1"""'],
    [-5, "'-5"],
    [null, 'null'],
    [false, 'false'],
    ['', '""""""'],
  ])('write the choice %j as %s', async (choice, written) => {
    expect(await csvOf(outcome([row({ choice })]))).toContain(`Ada,${written},accepted`);
  });
});

describe('the outcomes of a room as JSON', () => {
  const piecesOf = async (...outcomes: Outcome[]): Promise<string[]> => {
    const pieces: string[] = [];
    const source = (async function* () {
      yield* outcomes;
    })();
    for await (const piece of roomOutcomesJson('000room', source)) pieces.push(piece);
    return pieces;
  };

  it('are one document in pieces, a run each', async () => {
    const runs = [outcome([row()]), outcome([row({ isCorrect: true })], { correct: 'A' })];
    const pieces = await piecesOf(...runs);
    expect(pieces).toHaveLength(4);
    const document = { roomId: '000room', outcomes: runs };
    expect(JSON.parse(pieces.join(''))).toEqual(document);
    expect(roomOutcomesSchema.parse(document)).toEqual(document);
  });

  it('of a room without runs are a document too', async () => {
    expect((await piecesOf()).join('')).toBe('{"roomId":"000room","outcomes":[]}');
  });
});
