import type { Page } from 'playwright-core';
import type { TestRoom } from '../../e2e/support/room.client.js';
import type { BrowserScene, VisitOptions } from './browser.scene.js';

/** What the pages understand of a question's content. */
export const QUESTION = {
  text: 'Which planet has the shortest day?',
  choices: [
    { id: 'a', text: 'Earth' },
    { id: 'b', text: 'Jupiter' },
    { id: 'c', text: 'Mars' },
    { id: 'd', text: 'Saturn' },
  ],
};

/** Opens the player's page of a room and joins it by its PIN. */
export async function joinAs(
  scene: BrowserScene,
  url: string,
  room: Pick<TestRoom, 'pin'>,
  name: string,
  options: VisitOptions = {},
): Promise<Page> {
  const page = await scene.visit(`${url}/play/${room.pin}`, options);
  await enterName(page, name);
  await page.getByRole('heading', { name: 'You are in!' }).waitFor();
  return page;
}

export async function enterName(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join', exact: true }).click();
}

/** What the page says of its connection: `joined`, `reconnecting`, `syncing`, `host-away`, ... */
export function connectionOf(page: Page): Promise<string | null> {
  return page.locator('[data-connection]').getAttribute('data-connection');
}

export async function waitForConnection(page: Page, kind: string): Promise<void> {
  await page.locator(`[data-connection="${kind}"]`).waitFor();
}

export const choiceOf = (page: Page, text: string) =>
  page.getByRole('list', { name: 'Choices' }).getByRole('button', { name: text });

/**
 * Longer than whatever a test does in a question, on however busy a machine: the question ends when the test ends it. It also has
 * the widest digits that a ring usually holds.
 */
export const LONG_MS = 300_000;

/** The timer of the page. */
export const timerOf = (page: Page) => page.getByRole('timer', { name: 'Time left' });
