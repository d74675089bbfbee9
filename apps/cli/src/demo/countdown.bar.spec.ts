import { describe, expect, it } from '@jest/globals';
import { type Countdown, renderBar } from './countdown.bar.js';

function bar(fields: Partial<Countdown>, columns = 60): string {
  return renderBar(
    { title: 'question 1/3', phase: 'open', remainingMs: 2_500, durationMs: 5_000, ...fields },
    columns,
  );
}

const count = (line: string, character: string) => line.split(character).length - 1;

describe('the bar', () => {
  it('gets shorter with what remains', () => {
    const whole = bar({ remainingMs: 5_000 });
    const half = bar({});
    expect(count(half, '█')).toBe(Math.ceil(count(whole, '█') / 2));
    expect(whole).toBe('question 1/3  open    ███████████████████████████████  5.0 s');
    expect(half).toMatch(/^question 1\/3 {2}open .*█░.* 2\.5 s$/);
  });

  it('shows something as long as there is time, and nothing after', () => {
    expect(count(bar({ remainingMs: 1 }), '█')).toBe(1);
    expect(bar({ remainingMs: 1 })).toContain('0.1 s');
    expect(count(bar({ remainingMs: 0, phase: 'closed' }), '█')).toBe(0);
    expect(bar({ remainingMs: -7 })).toContain('0.0 s');
  });

  it('is full in the lead-in, and never longer than full', () => {
    expect(count(bar({ phase: 'lead-in', remainingMs: 700 }), '░')).toBe(0);
    expect(bar({ remainingMs: 9_000 })).toHaveLength(bar({}).length);
    expect(count(bar({ durationMs: 0, remainingMs: 0 }), '█')).toBe(0);
  });

  it.each([0, 10, 30, 40, 60, 200])('fits into %p columns', (columns) => {
    expect(bar({}, columns).length).toBeLessThanOrEqual(columns);
  });

  it('of a phase is as wide as that of another, so that it does not jump', () => {
    expect(bar({ phase: 'paused' })).toHaveLength(bar({ phase: 'open' }).length);
  });
});
