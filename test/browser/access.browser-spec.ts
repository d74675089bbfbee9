import { afterEach, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '#libs/testing';
import {
  closeAllClients,
  command,
  createRoom,
  hostOf,
  playerOf,
  startOf,
  tokenFor,
} from '../e2e/support/room.client.js';
import { describeInBrowser, LOST } from './support/browser.scene.js';
import { choiceOf, joinAs, LONG_MS, QUESTION, timerOf, waitForConnection } from './support/player.page.js';

/**
 * Of the frames that an empty page gets in the same seconds: a statement about the page, not about a busy machine without a
 * graphics card.
 */
const LEAST_SHARE_OF_FRAMES = 0.5;
/** Of the same frames: those that show another ring than the one before. */
const LEAST_SHARE_OF_RINGS = 0.25;
const MEASURED_MS = 2_000;
/** A page that does not draw smoothly does not in any of so many measurements; a machine stands still in some. */
const MEASUREMENTS = 15;

describeInBrowser('the pages', (scene) => {
  afterEach(async () => {
    await scene().leave();
    closeAllClients();
    expect(scene().takeTroubles()).toEqual([]);
  });

  const question = (more: object = {}) =>
    startOf('q1', { durationMs: LONG_MS, content: QUESTION, correct: 'b', ...more });

  /** Presses Tab until `name` has the focus, as somebody without a mouse does. */
  async function tabTo(page: Page, role: 'button' | 'textbox', name: string | RegExp): Promise<void> {
    const target = page.getByRole(role, { name }).first();
    for (let presses = 0; presses < 60; presses += 1) {
      if (await target.evaluate((one) => one === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not come to ${role} ${name}`);
  }

  it('let somebody play who has a keyboard only', async () => {
    const room = await createRoom(scene().a);
    const host = await hostOf(scene().a, room);
    const page = await scene().visit(scene().a);
    await tabTo(page, 'textbox', 'PIN');
    await page.keyboard.type(room.pin);
    await page.waitForURL(/\/play\//);
    await tabTo(page, 'textbox', 'Your name');
    await page.keyboard.type('Ada');
    await page.keyboard.press('Enter');
    await waitForConnection(page, 'joined');
    await command(host.client, 'question:start', question());
    await choiceOf(page, 'Mars').waitFor();
    await tabTo(page, 'button', /Mars/);
    const outline = await choiceOf(page, 'Mars').evaluate((one) => getComputedStyle(one).outlineStyle);
    expect(outline).not.toBe('none');
    await page.keyboard.press('Space');
    await page.getByText('It counts!', { exact: true }).waitFor();
    expect(await choiceOf(page, 'Mars').getAttribute('aria-pressed')).toBe('true');
  });

  it('let somebody host who has a keyboard only', async () => {
    const page = await scene().visit(scene().b);
    await tabTo(page, 'button', 'Create a room');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/host\//);
    await waitForConnection(page, 'joined');
    await tabTo(page, 'button', 'Start');
    await page.keyboard.press('Enter');
    const isIn = (phase: string) => page.locator(`[role="timer"][data-phase="${phase}"]`).waitFor();
    await isIn('open');
    await tabTo(page, 'button', 'Pause');
    // The ring shows the opening by the page's clock; the button is on once the server has told of it.
    await page.locator('.host-main-button:not([aria-disabled]):not([aria-busy])').waitFor();
    await page.keyboard.press('Space');
    await isIn('paused');
    await tabTo(page, 'button', 'Stop');
    await page.keyboard.press('Enter');
    await isIn('closed');
  });

  it('say the time to screen readers at a few instants only, and can always be asked', async () => {
    const room = await createRoom(scene().a);
    const host = await hostOf(scene().a, room);
    const page = await joinAs(scene(), scene().a, room, 'Ada');
    await page.evaluate(() => {
      const said: string[] = [];
      Object.assign(globalThis, { quizbellSaid: said });
      const regions = document.querySelectorAll(
        '[aria-live="polite"], [aria-live="assertive"], [role="status"]',
      );
      for (const region of regions) {
        new MutationObserver(() => {
          if (region.textContent) said.push(region.textContent);
        }).observe(region, { childList: true, characterData: true, subtree: true });
      }
    });
    await command(host.client, 'question:start', question({ durationMs: 6_000 }));
    await page.locator('[role="timer"][data-phase="closed"]').waitFor();
    const said = await eventually(async () => {
      const all = await page.evaluate(
        () => (globalThis as unknown as { quizbellSaid: string[] }).quizbellSaid,
      );
      return all.some((text) => text.includes('Time is up')) ? all : undefined;
    });
    expect(said.length).toBeLessThanOrEqual(6);
    expect(await timerOf(page).getAttribute('aria-live')).not.toBe('polite');
  });

  it('stand still for those who do not want motion', async () => {
    const room = await createRoom(scene().a);
    const cable = await scene().cable(scene().a);
    const page = await joinAs(scene(), cable.url, room, 'Ada', { expects: LOST });
    const endless = () =>
      page.evaluate(() => {
        const timings = document.getAnimations().map((one) => one.effect?.getComputedTiming());
        return timings.filter(
          (one) => one?.iterations === Number.POSITIVE_INFINITY && Number(one.duration) > 10,
        ).length;
      });
    cable.cut();
    await waitForConnection(page, 'reconnecting');
    // What turns says that it goes on by itself; words say so, too.
    await eventually(async () => (await endless()) > 0);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await eventually(async () => (await endless()) === 0);
  });

  it('speak the language of the browser, or another one that was chosen', async () => {
    const page = await scene().visit(scene().a, { locale: 'de-DE' });
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    const german = await page.getByRole('heading', { level: 1 }).textContent();
    await page.locator('button[aria-expanded]').click();
    await page.locator('select').first().selectOption('es');
    await eventually(async () => (await page.locator('html').getAttribute('lang')) === 'es');
    const spanish = await page.getByRole('heading', { level: 1 }).textContent();
    expect(spanish).not.toBe(german);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: spanish ?? '' }).waitFor();
  });

  it('draw the countdown smoothly', async () => {
    const room = await createRoom(scene().a);
    const host = await hostOf(scene().a, room);
    await playerOf(scene().b, room);
    const token = await tokenFor(scene().a, room, 'spectator');
    const pages = [
      await joinAs(scene(), scene().a, room, 'Ada', { viewport: { width: 390, height: 844 } }),
      await scene().visit(`${scene().b}/screen/${room.roomId}#token=${token}`),
    ];
    const empty = await scene().visit('about:blank');
    await command(host.client, 'question:start', question());
    for (const page of pages) {
      await page.bringToFront();
      await page.locator('[role="timer"][data-phase="open"]').waitFor();
      let isSmooth = false;
      for (let i = 0; i < MEASUREMENTS && !isSmooth; i += 1) {
        const [drawn, { framesPerSecond: possible }] = await Promise.all([
          page.evaluate(framesOf, MEASURED_MS),
          empty.evaluate(framesOf, MEASURED_MS),
        ]);
        const where = new URL(page.url()).pathname.split('/')[1];
        console.info(`${where}: ${JSON.stringify(drawn)} of ${possible} frames per second`);
        isSmooth =
          drawn.framesPerSecond > LEAST_SHARE_OF_FRAMES * possible &&
          drawn.ringsPerSecond > LEAST_SHARE_OF_RINGS * possible;
      }
      expect(isSmooth).toBe(true);
    }
  });
});

/** Runs in the page: how many frames there are in a second, and how many show another ring than the one before. */
async function framesOf(forMs: number) {
  const arc = document.querySelector<SVGElement>('.qb-ring-arc');
  let [frames, rings, last, longestMs] = [0, 0, '', 0];
  const startedAt = performance.now();
  let previousAt = startedAt;
  while (previousAt - startedAt < forMs) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    longestMs = Math.max(longestMs, now - previousAt);
    previousAt = now;
    frames += 1;
    const offset = arc?.style.strokeDashoffset ?? '';
    if (offset !== last) rings += 1;
    last = offset;
  }
  const seconds = (previousAt - startedAt) / 1_000;
  return {
    framesPerSecond: Math.round(frames / seconds),
    ringsPerSecond: Math.round(rings / seconds),
    longestFrameMs: Math.round(longestMs),
  };
}
