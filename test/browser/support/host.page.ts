import type { Page } from 'playwright-core';

/** Edits the prepared question with that text: a sample's 20 s are over while a busy machine still looks at it. */
export async function giveTime(page: Page, text: string, durationMs: number): Promise<void> {
  await page.getByRole('button', { name: `Edit: ${text}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Seconds to answer').fill(String(durationMs / 1_000));
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
}
