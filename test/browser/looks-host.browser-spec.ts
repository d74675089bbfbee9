import { afterEach, expect, it } from '@jest/globals';
import { eventually } from '#libs/testing';
import {
  closeAllClients,
  command,
  commandSnapshot,
  createRoom,
  hostOf,
  join,
  playerOf,
  startOf,
  tokenFor,
} from '../e2e/support/room.client.js';
import { describeInBrowser } from './support/browser.scene.js';
import { giveTime } from './support/host.page.js';
import { expectsGoodLooks } from './support/page.looks.js';
import { LONG_MS, QUESTION, waitForConnection } from './support/player.page.js';

describeInBrowser('console and screen, small and large, light and dark', (scene) => {
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

  it('the big screen from the join code to the results', async () => {
    const { room, host } = await roomWithHost();
    const players = await Promise.all(
      ['Ada', 'Grace', 'Linus', 'Margaret'].map((name) => playerOf(scene().b, room, { name })),
    );
    const token = await tokenFor(scene().a, room, 'spectator');
    const page = await scene().visit(`${scene().a}/screen/${room.roomId}#token=${token}`);
    await page
      .getByRole('img', { name: /QR code/ })
      .first()
      .waitFor();
    await page.getByText('4 players').first().waitFor();
    await expectsGoodLooks(page, 'screen-join');
    const { runId } = await commandSnapshot(host.client, 'question:start', question());
    await page.getByRole('list', { name: 'Choices' }).waitFor();
    for (const [index, player] of players.entries()) {
      const choice = ['b', 'b', 'c', 'd'][index];
      if (index < 3) await command(player.client, 'answer:submit', { questionId: 'q1', runId, choice });
    }
    await page.getByText('3 of 4').first().waitFor();
    await expectsGoodLooks(page, 'screen-open');
    await command(host.client, 'question:stop', { runId });
    await page.getByText('Right', { exact: true }).waitFor();
    await expectsGoodLooks(page, 'screen-results');
  });
  it('the console of the host from an empty room to the results', async () => {
    const page = await scene().visit(scene().a);
    await page.getByRole('button', { name: 'Create a room' }).click();
    await page.waitForURL(`${scene().a}/host/*`);
    await waitForConnection(page, 'joined');
    const address = (await page.getByRole('link', { name: /\/play\/\d{6}/ }).getAttribute('href')) ?? '';
    const pin = address.slice(-6);
    const players = await Promise.all(
      ['Ada', 'Grace', 'Linus'].map((name) => join(scene().b, { pin, name })),
    );
    await page.getByRole('button', { name: 'Remove Linus' }).waitFor();
    await giveTime(page, QUESTION.text, LONG_MS);
    await expectsGoodLooks(page, 'host-ready');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.locator('[role="timer"][data-phase="open"]').waitFor();
    const [player] = players;
    const started = await eventually(() =>
      player?.client.received.find(({ event }) => event === 'question:started'),
    );
    const { questionId } = started.payload;
    for (const { client } of players.slice(0, 2)) {
      await command(client, 'answer:submit', { questionId, choice: 'b' });
    }
    await page.getByText('2 of 3 players answered').first().waitFor();
    await expectsGoodLooks(page, 'host-open');
    await page.getByRole('button', { name: 'Stop' }).first().click();
    await page.getByText('2 answers counted').first().waitFor();
    await expectsGoodLooks(page, 'host-results');
    await page.getByRole('button', { name: 'Remove Linus' }).click();
    await page.getByRole('dialog').waitFor();
    await expectsGoodLooks(page, 'host-remove', true);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add a question' }).click();
    await page.getByRole('dialog').waitFor();
    await expectsGoodLooks(page, 'host-question', true);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Language').waitFor();
    await expectsGoodLooks(page, 'host-settings', true);
  });
});
