import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually, eventuallyPasses, rest } from '#libs/testing';
import { describeInBrowser } from './support/browser.scene.js';
import { SHOWN_TOLERANCE_MS, secondsOf, turnError } from './support/countdown.watch.js';
import { giveTime } from './support/host.page.js';
import { choiceOf, enterName, LONG_MS, QUESTION, timerOf, waitForConnection } from './support/player.page.js';

const TEN_SECONDS_MS = 10_000;

interface Stage {
  readonly host: Page;
  readonly screen: Page;
  readonly ada: Page;
  readonly grace: Page;
  readonly room: { readonly roomId: string; readonly pin: string; readonly hostToken: string };
}

describeInBrowser('a quiz with a host, a screen and two players at two gateways', (scene) => {
  let stage: Stage;
  const everybody = () => [stage.host, stage.screen, stage.ada, stage.grace];

  beforeAll(async () => {
    const host = await scene().visit(scene().a);
    await host.getByRole('button', { name: 'Create a room' }).click();
    await host.waitForURL(`${scene().a}/host/*`);
    await waitForConnection(host, 'joined');
    const room = await keptRoom(host);
    const [ada, grace] = await Promise.all(
      (['a', 'b'] as const).map((gateway) =>
        joinByPin(scene()[gateway], room.pin, gateway === 'a' ? 'Ada' : 'Grace'),
      ),
    );
    if (ada === undefined || grace === undefined) throw new Error('nobody came');
    stage = { host, ada, grace, room, screen: await openScreen(host) };
  });
  afterAll(() => scene().leave());
  afterEach(() => expect(scene().takeTroubles()).toEqual([]));

  /** What the host's browser keeps of the room. */
  async function keptRoom(host: Page): Promise<Stage['room']> {
    const kept = await host.evaluate(() => Object.values(localStorage).join('\n'));
    const [, token] = /"token":"([^"]+)"/.exec(kept) ?? [];
    const [, pin] = /"pin":"(\d{6})"/.exec(kept) ?? [];
    const roomId = new URL(host.url()).pathname.split('/').at(-1);
    if (token === undefined || pin === undefined || roomId === undefined) throw new Error(`kept: ${kept}`);
    return { roomId, pin, hostToken: token };
  }

  /** From the landing page, as somebody who was told the PIN only. */
  async function joinByPin(url: string, pin: string, name: string): Promise<Page> {
    const page = await scene().visit(url);
    await page.getByLabel('PIN').fill(pin);
    await page.waitForURL(`${url}/play/${pin}`);
    await enterName(page, name);
    await page.getByRole('heading', { name: 'You are in!' }).waitFor();
    return page;
  }

  /** The host opens it; then somebody takes it to the big screen at the other gateway. */
  async function openScreen(host: Page): Promise<Page> {
    const [popup, answer] = await Promise.all([
      host.context().waitForEvent('page'),
      host.waitForResponse((response) => response.url().endsWith('/tokens')),
      host.getByRole('button', { name: 'Open the big screen' }).click(),
    ]);
    await popup
      .getByRole('img', { name: /QR code/ })
      .first()
      .waitFor();
    await popup.close();
    const { token } = (await answer.json()) as { token: string };
    const { pathname } = new URL(host.url());
    return scene().visit(`${scene().b}${pathname.replace('host', 'screen')}#token=${token}`);
  }

  const snapshot = async () => {
    const { roomId, hostToken } = stage.room;
    return (await rest(`${scene().a}/v1/rooms/${roomId}`, { key: hostToken })).body.snapshot;
  };
  const press = (name: string) => stage.host.getByRole('button', { name }).first().click();
  const everybodyIn = (phase: string) =>
    Promise.all(everybody().map((page) => page.locator(`[role="timer"][data-phase="${phase}"]`).waitFor()));
  const digitsOf = (page: Page) => timerOf(page).locator('.qb-ring-digits').textContent();

  /** Expects the same time on all four, as the deadline says it; tells how well. */
  async function expectsOneTime(): Promise<void> {
    const { endsAt } = await snapshot();
    const errors = await Promise.all(everybody().map((page) => turnError(page, endsAt)));
    const spreadMs = Math.max(...errors) - Math.min(...errors);
    console.info(
      `four screens: ${errors.map(Math.round).join(', ')} ms late, spread ${Math.round(spreadMs)} ms`,
    );
    for (const error of errors) expect(Math.abs(error)).toBeLessThan(SHOWN_TOLERANCE_MS);
  }

  it('has the two players in the list of the host, and on the screen', async () => {
    await stage.host.getByText('Ada').first().waitFor();
    await stage.host.getByText('Grace').first().waitFor();
    await stage.screen.getByText('2 players').first().waitFor();
    for (const page of everybody()) await waitForConnection(page, 'joined');
  });

  describe('with a question', () => {
    it('shows all of them the same countdown, after the lead-in', async () => {
      await giveTime(stage.host, QUESTION.text, LONG_MS);
      await press('Start');
      await everybodyIn('lead-in');
      await everybodyIn('open');
      await expectsOneTime();
    });

    it('stands still for all while it is paused, and goes on for all', async () => {
      await press('Pause');
      await everybodyIn('paused');
      const { remainingMs } = await snapshot();
      for (const page of everybody())
        expect(secondsOf((await digitsOf(page)) ?? '')).toBe(Math.ceil(remainingMs / 1_000));
      await press('Resume');
      await everybodyIn('open');
      await expectsOneTime();
    });

    it('gives all of them ten seconds more, and takes them back', async () => {
      for (const [label, byMs] of [
        ['10 seconds more', TEN_SECONDS_MS],
        ['10 seconds less', -TEN_SECONDS_MS],
      ] as const) {
        const { endsAt } = await snapshot();
        await press(label);
        await eventually(async () => (await snapshot()).endsAt === endsAt + byMs, { message: label });
        await expectsOneTime();
      }
    });

    it('counts answers as they come, and shows the results after a stop', async () => {
      const choices = await stage.ada.getByRole('list', { name: 'Choices' }).getByRole('button').all();
      await choices[0]?.click();
      await stage.ada.getByText('It counts!', { exact: true }).waitFor();
      await stage.screen.getByText('1 of 2').first().waitFor();
      await stage.host.getByText('1 of 2 players answered').first().waitFor();
      await stage.grace.getByRole('list', { name: 'Choices' }).getByRole('button').nth(1).click();
      await stage.screen.getByText('2 of 2').first().waitFor();
      await stage.host.getByText('2 of 2 players answered').first().waitFor();
      await press('Stop');
      await everybodyIn('closed');
      const results = stage.screen.getByRole('region', { name: 'Results' });
      await results.getByText('50%').first().waitFor();
      expect(await results.getByText('50%').count()).toBe(2);
      expect(await results.getByText('Right', { exact: true }).count()).toBe(1);
      await stage.host.getByText('2 answers counted').first().waitFor();
    });

    it('tells players and screen when the host is away', async () => {
      const { host, ada, screen, room } = stage;
      await host.goto('about:blank');
      await waitForConnection(ada, 'host-away');
      await waitForConnection(screen, 'host-away');
      await host.goto(`${scene().a}/host/${room.roomId}`);
      await waitForConnection(host, 'joined');
      await waitForConnection(ada, 'joined');
    });
  });

  it('puts a player out who is removed', async () => {
    const { host, ada, grace } = stage;
    await host.getByRole('button', { name: 'Remove Ada' }).click();
    await host.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await ada.getByText('removed').first().waitFor();
    await waitForConnection(ada, 'ended');
    await eventuallyPasses(async () => {
      expect(await host.getByRole('button', { name: /^Remove / }).count()).toBe(1);
    });
    await waitForConnection(grace, 'joined');
  });

  it('ends for everybody when the host closes the room', async () => {
    const { host, grace, screen } = stage;
    await host.getByRole('button', { name: 'Close the room' }).click();
    await host.getByRole('dialog').getByRole('button', { name: 'Close the room' }).click();
    await waitForConnection(grace, 'ended');
    await screen.getByText('Thank you for playing!').first().waitFor();
    await host.getByText('The host has closed this room.').first().waitFor();
    expect(await choiceOf(grace, 'Earth').count()).toBe(0);
  });
});
