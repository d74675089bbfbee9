import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '#libs/testing';

/** What a page showed from an instant on (epoch milliseconds of this machine's clock, on which the servers run too). */
export interface Turn {
  readonly digits: string;
  readonly phase: string;
  readonly at: number;
}

interface Watching {
  quizbellTurns: Turn[];
}

/**
 * Runs in every page before its own scripts: notes each change of the shown seconds. The instants are of the monotonic clock,
 * so that a page whose device clock is set wrong notes the right ones.
 */
export function watchTurns(): void {
  const turns: Turn[] = [];
  (globalThis as unknown as Watching).quizbellTurns = turns;
  new MutationObserver(() => {
    const ring = document.querySelector<HTMLElement>('[role="timer"]');
    if (ring === null) return;
    const digits = ring.querySelector('.qb-ring-digits')?.textContent ?? '';
    const phase = ring.dataset.phase ?? '';
    const last = turns.at(-1);
    if (last?.digits === digits && last.phase === phase) return;
    turns.push({ digits, phase, at: performance.timeOrigin + performance.now() });
  }).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ['data-phase'],
  });
}

/** What the page has shown since it was loaded. */
export function turnsOf(page: Page): Promise<Turn[]> {
  return page.evaluate(() => (globalThis as unknown as Watching).quizbellTurns);
}

/** A page that draws has 16 ms a frame; several pages share two cores, and frames of tests are late. */
export const SHOWN_TOLERANCE_MS = 400;
/** A page that stood still with its machine has not turned by then (ms). */
const TURN_WITHIN_MS = 2_000;
/** So many full seconds are looked at: a wrong clock is wrong at each, a machine stands still at some. */
const TURNS = 8;

/** The seconds that a page shows as `7`, `59` or `4:59`. */
export function secondsOf(digits: string): number {
  return digits.split(':').reduce((sum, part) => 60 * sum + Number(part), 0);
}

/**
 * Gives by how much the page was late (early: negative), milliseconds, against the deadline, when it turned to the next full
 * second of an open question; the best of the next few, if it is off by too much. Infinity if it turned to none of them.
 *
 * @param endsAt the deadline, epoch milliseconds
 */
export async function turnError(page: Page, endsAt: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < TURNS && Math.abs(best) >= SHOWN_TOLERANCE_MS; turn += 1) {
    const seconds = Math.floor((endsAt - Date.now()) / 1_000) - 1;
    const error = await errorAt(page, seconds, endsAt).catch(() => Number.POSITIVE_INFINITY);
    if (Math.abs(error) < Math.abs(best)) best = error;
  }
  return best;
}

async function errorAt(page: Page, seconds: number, endsAt: number): Promise<number> {
  const dueAt = endsAt - 1_000 * seconds;
  const turn = await eventually(
    async () =>
      (await turnsOf(page)).findLast(
        ({ digits, phase, at }) =>
          secondsOf(digits) === seconds && phase === 'open' && Math.abs(at - dueAt) < 5_000,
      ),
    {
      message: `the page did not come to ${seconds} s`,
      timeoutMs: dueAt - Date.now() + TURN_WITHIN_MS,
      everyMs: 50,
    },
  );
  return turn.at - dueAt;
}

/** Expects that the page shows the time that is left until `endsAt`. */
export async function expectsTime(page: Page, endsAt: number): Promise<void> {
  expect(Math.abs(await turnError(page, endsAt))).toBeLessThan(SHOWN_TOLERANCE_MS);
}
