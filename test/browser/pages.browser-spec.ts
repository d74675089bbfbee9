import { afterEach, expect, it } from '@jest/globals';
import { describeInBrowser } from './support/browser.scene.js';

/** Of all scripts and styles of the player's page, compressed: half a second at 3 Mbit/s. React alone takes 70,000. */
const PLAYER_BYTES = 180_000;
const FAILED_LOAD = /Failed to load resource/;

describeInBrowser('the pages', (scene) => {
  afterEach(() => scene().leave());

  it('say so of an address that is none of them, and lead back', async () => {
    const page = await scene().visit(`${scene().a}/play/12`);
    await page.getByRole('heading').waitFor();
    await page.getByRole('main').getByRole('link').click();
    await page.waitForURL(`${scene().a}/`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(scene().takeTroubles()).toEqual([]);
  });

  it('come although a part of them was missing at first, as while a new release comes', async () => {
    let missing = 3;
    const page = await scene().visit(`${scene().a}/`, {
      expects: FAILED_LOAD,
      prepare: (empty) =>
        empty.route('**/assets/*.js', async (route) => {
          if (missing === 0) return route.continue();
          missing -= 1;
          return route.fulfill({ status: 404 });
        }),
    });
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(missing).toBe(0);
    expect(scene().takeTroubles()).toEqual([]);
  });

  it('give up after a while, and say so', async () => {
    const page = await scene().visit(`${scene().a}/`, {
      expects: FAILED_LOAD,
      prepare: (empty) => empty.route('**/assets/*.js', (route) => route.fulfill({ status: 404 })),
    });
    await page.getByRole('link', { name: 'could not be loaded' }).waitFor();
    await page.unroute('**/assets/*.js');
    await page.getByRole('link', { name: 'could not be loaded' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(scene().takeTroubles()).toEqual([]);
  });

  it('cost a phone that comes to play little to load, and nothing when it comes again', async () => {
    const page = await scene().visit(`${scene().a}/play/123456`);
    await page.getByLabel('Your name').waitFor();
    const loaded = () =>
      page.evaluate(() => {
        const parts = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
        return {
          compressed: parts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
          sent: parts
            .filter(({ name }) => name.includes('/assets/'))
            .reduce((sum, part) => sum + part.transferSize, 0),
        };
      });
    expect((await loaded()).compressed).toBeLessThan(PLAYER_BYTES);
    await page.goto(`${scene().a}/play/123457`);
    await page.getByLabel('Your name').waitFor();
    expect((await loaded()).sent).toBe(0);
    expect(scene().takeTroubles()).toEqual([]);
  });
});
