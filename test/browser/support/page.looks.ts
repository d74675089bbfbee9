import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { REPOSITORY_ROOT } from '#libs/testing';
import { withPalette } from './picture.palette.js';

/** A phone, a tablet, a projector. */
const PHONE = { width: 320, height: 640 };
const TABLET = { width: 768, height: 1024 };
const PROJECTOR = { width: 1920, height: 1080 };

/** Where pictures go; absent: none are taken. */
const PICTURES = process.env.QUIZBELL_SCREENSHOTS;

/**
 * Looks at a state of a page as people do who see little, have a small screen, or a dark one: nothing may be cut off or scroll
 * sideways, and axe may find nothing serious. Takes pictures if they are wanted.
 *
 * @param name of page and state, such as `play-open`
 * @param isPart for a small part over a state that was looked at: axe looks at it once
 */
export async function expectsGoodLooks(page: Page, name: string, isPart = false): Promise<void> {
  const isForHalls = name.startsWith('screen-');
  const sizes = [PHONE, TABLET, PROJECTOR];
  const looks = [
    ...sizes.map((size) => ({ size, scheme: 'light', hasAxe: size === PHONE && !isPart }) as const),
    { size: isForHalls ? PROJECTOR : TABLET, scheme: 'dark', hasAxe: true } as const,
  ];
  const faults: string[] = [];
  for (const { size, scheme, hasAxe } of looks) {
    await showAt(page, size, scheme);
    const where = `${size.width} px, ${scheme}`;
    faults.push(...(await overflowOf(page)).map((what) => `${where}: ${what}`));
    await takePicture(page, `${name}-${size.width}${scheme === 'dark' ? '-dark' : ''}`);
    if (hasAxe) faults.push(...(await axeFindings(page)).map((what) => `${where}: ${what}`));
  }
  await showAt(page, TABLET, 'light');
  expect([name, ...faults]).toEqual([name]);
}

/** The same for a small phone only, and without axe: for languages with longer words. Takes no picture. */
export async function expectsRoomOnPhone(page: Page, name: string): Promise<void> {
  await showAt(page, PHONE, 'light');
  expect([name, ...(await overflowOf(page))]).toEqual([name]);
}

async function showAt(page: Page, size: typeof PHONE, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.mouse.move(0, 0);
  await page.setViewportSize(size);
  // Texts that are fitted to their box, and colours that change slowly, are done after the transitions.
  await page.evaluate(async () => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const ending = document.getAnimations().filter((one) => {
      const { iterations = 1 } = one.effect?.getTiming() ?? {};
      return iterations !== Number.POSITIVE_INFINITY;
    });
    await Promise.allSettled(ending.map((one) => one.finished));
  });
}

/** What is wider than the window, or text that its own box cuts off without saying so. */
function overflowOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.documentElement;
    const found: string[] = [];
    if (root.scrollWidth > root.clientWidth) {
      const wide = [...document.querySelectorAll<HTMLElement>('body *')].filter(
        (one) => one.getBoundingClientRect().right > root.clientWidth + 0.5,
      );
      found.push(`scrolls sideways to ${root.scrollWidth}: ${wide.slice(0, 3).map(nameOf).join(', ')}`);
    }
    for (const one of document.querySelectorAll<HTMLElement>('h1, h2, h3, p, button, a, dd, dt, li, label')) {
      const { overflowX, textOverflow } = getComputedStyle(one);
      const isCut = one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1;
      if (isCut && overflowX !== 'visible' && overflowX !== 'auto' && textOverflow !== 'ellipsis') {
        found.push(`cuts off "${one.textContent?.slice(0, 30)}" of ${nameOf(one)}`);
      }
    }
    for (const ring of document.querySelectorAll<HTMLElement>('[role="timer"]')) {
      const digits = ring.querySelector('.qb-ring-digits')?.getBoundingClientRect().width ?? 0;
      // Inside the ring's line, which is within a tenth of its size.
      if (digits > 0.82 * ring.getBoundingClientRect().width)
        found.push('the digits are wider than their ring');
    }
    return found;

    function nameOf(one: HTMLElement): string {
      return `${one.tagName.toLowerCase()}.${one.className}`;
    }
  });
}

async function axeFindings(page: Page): Promise<string[]> {
  // Without frames in the page, it need not be asked in a page of its own.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode();
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => {
      const places = nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`);
      return `${id}: ${places.join(' | ')}`;
    });
}

async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined || PICTURES === '') return;
  const folder = path.resolve(REPOSITORY_ROOT, PICTURES);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.png`), withPalette(await page.screenshot({ scale: 'css' })));
}
