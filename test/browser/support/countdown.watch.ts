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

/**
 * Waits until the page has turned to so many seconds of an open question, and gives by how much it was late (early: negative),
 * milliseconds, against the deadline.
 *
 * @param endsAt the deadline, epoch milliseconds
 */
export async function turnError(page: Page, seconds: number, endsAt: number): Promise<number> {
  const turn = await eventually(
    async () =>
      (await turnsOf(page)).findLast(
        ({ digits, phase, at }) =>
          digits === String(seconds) && phase === 'open' && Math.abs(at - endsAt + 1_000 * seconds) < 5_000,
      ),
    { message: `the page did not come to ${seconds} s`, timeoutMs: 30_000, everyMs: 50 },
  );
  return turn.at - (endsAt - 1_000 * seconds);
}

/** Expects that the page shows the time that is left until `endsAt`, at the next full second. */
export async function expectsTime(page: Page, endsAt: number): Promise<void> {
  const seconds = Math.floor((endsAt - Date.now()) / 1_000) - 1;
  expect(Math.abs(await turnError(page, seconds, endsAt))).toBeLessThan(SHOWN_TOLERANCE_MS);
}
