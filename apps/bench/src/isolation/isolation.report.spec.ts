import { describe, expect, it } from '@jest/globals';
import { type IsolationSlot, type IsolationWork, messagesOf } from './isolation.contest.js';
import { isolationResult, isolationRound, isolationTable } from './isolation.report.js';

const ABOUT = {
  rooms: 5,
  members: 2,
  tickMs: 100,
  seconds: 4,
  measuredAt: '2026-01-01T00:00:00.000Z',
  commit: 'abc',
  command: 'npm run bench -- isolation',
  machine: { cpu: 'a CPU', cores: 2, platform: 'linux x64', node: 'v24', redis: '7', load: 0 },
};

const work = (foreignAtA: number, foreignAtB: number, bCpuMs: number): IsolationWork => ({
  a: { foreign: foreignAtA, own: 0, canaries: 4 },
  b: { foreign: foreignAtB, own: 4, canaries: 4 },
  windowMs: 4_000,
  bCpuMs,
  quiet: { ticks: 4, missing: 0, skipped: 0 },
});

/** Each is busy in its own slot; the classic adapter sends everything to everybody. */
function slots(ours: Partial<IsolationWork> = {}, more: Partial<IsolationSlot> = {}): IsolationSlot[] {
  return [0, 1, 2].map((slot) => ({
    work: [0, 1, 2].map((i) => ({
      ...(i === slot ? work(200, i === 2 ? 200 : 0, i === 2 ? 20 : 8) : work(0, 0, 8)),
      ...(i === 0 && slot === 0 ? ours : {}),
    })),
    answers: slot === 0 ? 10 : 0,
    joins: 5,
    ...(slot === 0 ? more : {}),
  }));
}

const resultOf = (...rounds: IsolationSlot[][]) => isolationResult(rounds.map(isolationRound), ABOUT);

describe('messagesOf', () => {
  it('tells the quiet room and canaries by their channels, and everything else is foreign', () => {
    const byChannel = {
      'p#/quiz#room:{s1}quiet1#': 2,
      'p#/quiz#ticks:{s1}quiet1#': 3,
      'p:{s0}canary:gateway': 5,
      'p#/quiz#ticks:{s1}busy#': 7,
      'p#/quiz#': 11,
    };
    expect(messagesOf(byChannel, 'quiet1')).toEqual({ foreign: 18, own: 5, canaries: 5 });
  });
});

describe('isolation', () => {
  it('is kept when our server without the busy rooms was sent nothing of them', () => {
    const result = resultOf(slots(), slots());
    expect(result).toMatchObject({ isKept: true, broken: [] });
    expect(result.summaries.map(({ name, a, b }) => [name, a.foreign, b.foreign])).toEqual([
      ['quizbell', 400, 0],
      ['sharded', 400, 0],
      ['classic', 400, 400],
    ]);
    expect(isolationTable(result)).toContain('met');
  });

  it('tells what busy rooms of others add to the CPU time, by the median of the rounds', () => {
    const result = resultOf(slots(), slots({ bCpuMs: 12 }), slots({ bCpuMs: 400 }));
    expect(result.summaries[0]).toMatchObject({ quietCpuMs: 2, busyCpuMs: 3, addedCpuMs: 1 });
    expect(result.summaries[2]).toMatchObject({ quietCpuMs: 2, busyCpuMs: 5, addedCpuMs: 3 });
  });

  it.each<[string, IsolationSlot[]]>([
    ['was sent 1 messages of others', slots({ b: { foreign: 1, own: 4, canaries: 4 } })],
    ['was sent nothing of them', slots({ a: { foreign: 0, own: 0, canaries: 4 } })],
    ['the quiet room was not heard', slots({ b: { foreign: 0, own: 0, canaries: 4 } })],
    ['the quiet room was not heard', slots({ quiet: { ticks: 2, missing: 2, skipped: 0 } })],
    ['9 of 10 answers', slots({}, { answers: 9 })],
    ['4 of 5 joins', slots({}, { joins: 4 })],
  ])('is broken: %s', (what, broken) => {
    const result = resultOf(slots(), broken);
    expect(result.broken).toEqual([expect.stringContaining(what)]);
    expect(result.broken[0]).toContain('round 2, quizbell');
    expect(result.isKept).toBe(false);
    expect(isolationTable(result)).toContain(what);
  });
});
