import { describe, expect, it } from '@jest/globals';
import type { Countdown } from '#libs/client';
import { LANGUAGE_CODES, LANGUAGES } from '../i18n/languages.js';
import { cueOf, momentOf, momentText } from './countdown.cues.js';

const IDLE: Countdown = {
  phase: 'idle',
  remainingMs: null,
  seconds: null,
  durationMs: null,
  opensInMs: null,
};
const at = (phase: Countdown['phase'], seconds: number, durationS: number): Countdown => ({
  phase,
  remainingMs: seconds * 1_000,
  seconds,
  durationMs: durationS * 1_000,
  opensInMs: null,
});
const leadIn = (opensInMs: number): Countdown => ({ ...at('lead-in', 20, 20), opensInMs });

/** A whole run as a listener per second sees it. */
function run(durationS: number): readonly Countdown[] {
  const seconds = Array.from({ length: durationS }, (_, passed) => durationS - passed);
  return [
    IDLE,
    ...[3_000, 2_000, 1_000].map(leadIn),
    ...seconds.map((left) => at('open', left, durationS)),
    at('closed', 0, durationS),
  ];
}

function told<T>(steps: readonly Countdown[], what: (before: Countdown | null, now: Countdown) => T | null) {
  return steps.flatMap((now, place) => what(steps[place - 1] ?? null, now) ?? []);
}

describe('what a screen reader says', () => {
  it('of a run of 20 s is its beginning, 10 and 5 seconds and its end, never each second', () => {
    expect(told(run(20), momentOf)).toEqual([
      { kind: 'lead-in' },
      { kind: 'opened', seconds: 20 },
      { kind: 'left', seconds: 10 },
      { kind: 'left', seconds: 5 },
      { kind: 'closed' },
    ]);
  });

  it('of a run of a minute is its half, too', () => {
    expect(told(run(60), momentOf)).toEqual([
      { kind: 'lead-in' },
      { kind: 'opened', seconds: 60 },
      { kind: 'half', seconds: 30 },
      { kind: 'left', seconds: 10 },
      { kind: 'left', seconds: 5 },
      { kind: 'closed' },
    ]);
  });

  it('is said once when a tab that slept skips seconds', () => {
    expect(momentOf(at('open', 14, 20), at('open', 3, 20))).toEqual({ kind: 'left', seconds: 3 });
  });

  it('is what the host does', () => {
    const open = at('open', 12, 20);
    expect(momentOf(open, at('paused', 12, 20))).toEqual({ kind: 'paused', seconds: 12 });
    expect(momentOf(at('paused', 12, 20), at('paused', 22, 30))).toEqual({ kind: 'changed', seconds: 22 });
    expect(momentOf(at('paused', 12, 20), open)).toEqual({ kind: 'resumed', seconds: 12 });
    expect(momentOf(open, at('open', 22, 30))).toEqual({ kind: 'changed', seconds: 22 });
    expect(momentOf(open, at('closed', 12, 20))).toEqual({ kind: 'closed-early' });
  });

  it('of a page that was just opened is only what is going on', () => {
    expect(momentOf(null, IDLE)).toBeNull();
    expect(momentOf(null, at('closed', 0, 20))).toBeNull();
    expect(momentOf(null, at('open', 14, 20))).toEqual({ kind: 'left', seconds: 14 });
  });

  it.each(LANGUAGE_CODES)('has words in %s', (code) => {
    const moments = [...told(run(60), momentOf), momentOf(at('open', 9, 20), at('closed', 9, 20))];
    for (const moment of moments) {
      if (moment !== null) expect(momentText(LANGUAGES[code].messages, moment)).toMatch(/\w{3}/);
    }
  });
});

describe('what is heard', () => {
  it('is 3-2-1, the opening, the last five seconds and the end', () => {
    expect(told(run(20), cueOf)).toEqual([
      ...['lead-in', 'lead-in', 'lead-in', 'opened'],
      ...['last-seconds', 'last-seconds', 'last-seconds', 'last-seconds', 'last-seconds'],
      'closed',
    ]);
  });

  it('is nothing while nothing moves, when time is added, or when a page is opened', () => {
    expect(cueOf(at('open', 4, 20), at('open', 4, 20))).toBeNull();
    expect(cueOf(at('open', 2, 20), at('open', 5, 30))).toBeNull();
    expect(cueOf(null, at('open', 3, 20))).toBeNull();
    expect(cueOf(at('paused', 3, 20), at('open', 3, 20))).toBeNull();
  });
});
