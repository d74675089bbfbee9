import { afterEach, expect, it } from '@jest/globals';
import { closeAllClients, command, createRoom, hostOf, startOf } from '../e2e/support/room.client.js';
import { describeInBrowser, LOST } from './support/browser.scene.js';
import { expectsGoodLooks, expectsRoomOnPhone } from './support/page.looks.js';
import { choiceOf, enterName, joinAs, LONG_MS, QUESTION, waitForConnection } from './support/player.page.js';

const LEAD_IN_MS = 10_000;

describeInBrowser('landing and player pages, small and large, light and dark', (scene) => {
  afterEach(async () => {
    await scene().leave();
    closeAllClients();
    expect(scene().takeTroubles()).toEqual([]);
  });

  const roomWithHost = async () => {
    const room = await createRoom(scene().a);
    return { room, host: await hostOf(scene().a, room) };
  };
  const question = (more: object = {}) =>
    startOf('q1', { durationMs: LONG_MS, content: QUESTION, correct: 'b', ...more });

  it('the landing page, and an address that is none', async () => {
    const page = await scene().visit(scene().a);
    await page.getByRole('button', { name: 'Create a room' }).waitFor();
    await expectsGoodLooks(page, 'landing-start');
    await page.goto(`${scene().a}/play/12`);
    await page.getByRole('heading').first().waitFor();
    await expectsGoodLooks(page, 'unknown-address');
  });

  it('a player from the PIN to the first question', async () => {
    const { room, host } = await roomWithHost();
    const page = await scene().visit(`${scene().a}/play`);
    await page.getByLabel('PIN').waitFor();
    await expectsGoodLooks(page, 'play-pin');
    await page.goto(`${scene().a}/play/${room.pin}`);
    await page.getByLabel('Your name').waitFor();
    await expectsGoodLooks(page, 'play-name');
    await enterName(page, 'Ada');
    await page.getByRole('heading', { name: 'You are in!' }).waitFor();
    await waitForConnection(page, 'joined');
    await expectsGoodLooks(page, 'play-waiting');
    await command(host.client, 'question:start', question({ leadInMs: LEAD_IN_MS }));
    await page.locator('[role="timer"][data-phase="lead-in"]').waitFor();
    await expectsGoodLooks(page, 'play-lead-in');
  });

  it('a player in a question', async () => {
    const { room, host } = await roomWithHost();
    const page = await joinAs(scene(), scene().a, room, 'Ada');
    await command(host.client, 'question:start', question());
    await choiceOf(page, 'Jupiter').waitFor();
    await expectsGoodLooks(page, 'play-open');
    await choiceOf(page, 'Jupiter').click();
    await page.getByText('It counts!', { exact: true }).waitFor();
    await command(host.client, 'question:pause');
    await page.locator('[role="timer"][data-phase="paused"]').waitFor();
    await expectsGoodLooks(page, 'play-paused');
    await command(host.client, 'question:stop');
    await page.locator('[role="timer"][data-phase="closed"]').waitFor();
    await expectsGoodLooks(page, 'play-closed');
    await command(host.client, 'room:close');
    await page.locator('[data-connection="ended"]').waitFor();
    await expectsGoodLooks(page, 'play-ended');
  });

  it('a player without a connection whose answer comes too late', async () => {
    const { room, host } = await roomWithHost();
    const cable = await scene().cable(scene().a);
    const page = await joinAs(scene(), cable.url, room, 'Ada', { expects: LOST });
    await command(host.client, 'question:start', question());
    await choiceOf(page, 'Mars').waitFor();
    cable.cut();
    await waitForConnection(page, 'reconnecting');
    await choiceOf(page, 'Mars').click();
    await expectsGoodLooks(page, 'play-reconnecting');
    // No deadline is before now: it is over at once.
    await command(host.client, 'question:extend', { byMs: -LONG_MS });
    cable.mend();
    await page.getByText('Too late').first().waitFor();
    await waitForConnection(page, 'joined');
    await expectsGoodLooks(page, 'play-late');
  });

  it.each(['de-DE', 'es-ES'])('all words of %s on a small phone', async (locale) => {
    const { room, host } = await roomWithHost();
    const page = await scene().visit(scene().a, { locale });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expectsRoomOnPhone(page, 'landing');
    await page.goto(`${scene().a}/play/${room.pin}`);
    await page.getByRole('textbox').fill('Ada');
    await expectsRoomOnPhone(page, 'play-name');
    await page.keyboard.press('Enter');
    await waitForConnection(page, 'joined');
    await expectsRoomOnPhone(page, 'play-waiting');
    await command(host.client, 'question:start', question());
    const choice = page.getByRole('button', { name: 'Mars' });
    await choice.click();
    await page.locator('button[aria-pressed="true"]').waitFor();
    await expectsRoomOnPhone(page, 'play-answered');
    await command(host.client, 'question:stop');
    await page.locator('[role="timer"][data-phase="closed"]').waitFor();
    await expectsRoomOnPhone(page, 'play-closed');
    await page.goto(`${scene().a}/host/${room.roomId}#token=${room.hostToken}`);
    await waitForConnection(page, 'joined');
    await expectsRoomOnPhone(page, 'host');
  });
});
