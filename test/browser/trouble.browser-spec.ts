import { afterEach, expect, it } from '@jest/globals';
import { startGateway } from '#libs/testing';
import {
  closeAllClients,
  command,
  commandSnapshot,
  createRoom,
  hostOf,
  startOf,
  type TestMember,
  type TestRoom,
} from '../e2e/support/room.client.js';
import { describeInBrowser, LOST } from './support/browser.scene.js';
import { expectsTime, secondsOf, turnsOf } from './support/countdown.watch.js';
import { choiceOf, joinAs, LONG_MS, QUESTION, timerOf, waitForConnection } from './support/player.page.js';

const DAY_MS = 86_400_000;
/** An answer is given in it on a busy machine, and then its end is waited for. */
const STUCK_MS = 20_000;

describeInBrowser('a player with trouble', (scene) => {
  afterEach(async () => {
    await scene().leave();
    closeAllClients();
    expect(scene().takeTroubles()).toEqual([]);
  });

  /** A room whose host uses no browser. */
  async function roomWithHost(): Promise<{ room: TestRoom; host: TestMember }> {
    const room = await createRoom(scene().a);
    return { room, host: await hostOf(scene().a, room) };
  }

  const start = (host: TestMember, durationMs: number, more: object = {}) =>
    commandSnapshot(host.client, 'question:start', startOf('q1', { durationMs, content: QUESTION, ...more }));

  const rosterOf = async (host: TestMember) => (await command(host.client, 'room:roster')).members;

  it('keeps place, clock and verdict over a reload in the middle of a question', async () => {
    const { room, host } = await roomWithHost();
    const page = await joinAs(scene(), scene().b, room, 'Ada');
    const { endsAt } = await start(host, LONG_MS);
    await choiceOf(page, 'Jupiter').click();
    await page.getByText('It counts!', { exact: true }).waitFor();
    const before = await rosterOf(host);
    await page.reload();
    await page.getByText('It counts!', { exact: true }).waitFor();
    expect(await choiceOf(page, 'Jupiter').getAttribute('aria-pressed')).toBe('true');
    await expectsTime(page, endsAt);
    expect(await rosterOf(host)).toEqual(before);
    await page.getByText('Ada').first().waitFor();
  });

  it('sees the time go on without a connection, and what was missed after it', async () => {
    const { room, host } = await roomWithHost();
    const cable = await scene().cable(scene().b);
    const page = await joinAs(scene(), cable.url, room, 'Ada', { expects: LOST });
    const { endsAt } = await start(host, LONG_MS);
    await choiceOf(page, 'Mars').waitFor();
    await page.context().setOffline(true);
    cable.cut();
    await waitForConnection(page, 'reconnecting');
    await page.getByText('The clock goes on by itself').first().waitFor();
    await expectsTime(page, endsAt);
    const extended = await commandSnapshot(host.client, 'question:extend', { byMs: 10_000 });
    await choiceOf(page, 'Mars').click();
    await page.getByText('as soon as you are back').first().waitFor();
    cable.mend();
    await page.context().setOffline(false);
    await page.getByText('It counts!', { exact: true }).waitFor();
    await waitForConnection(page, 'joined');
    await expectsTime(page, extended.endsAt);
  });

  it('is told by how much an answer was late that was stuck on its way', async () => {
    const { room, host } = await roomWithHost();
    const cable = await scene().cable(scene().b);
    const page = await joinAs(scene(), cable.url, room, 'Ada', { expects: LOST });
    await start(host, STUCK_MS);
    await choiceOf(page, 'Mars').waitFor();
    cable.cut();
    await waitForConnection(page, 'reconnecting');
    await choiceOf(page, 'Mars').click();
    // Without a connection nobody has told it that the question is closed.
    await timerOf(page)
      .getByText('0', { exact: true })
      .waitFor({ timeout: 2 * STUCK_MS });
    cable.mend();
    await page.getByText('Too late').first().waitFor();
    await page
      .getByText(/Your answer came [\d.,]+\s?\p{L}+ after the deadline/u)
      .first()
      .waitFor();
  });

  it('comes back on another gateway when its own one dies', async () => {
    const { room, host } = await roomWithHost();
    const dying = await startGateway({ prefix: scene().cluster.prefix });
    const balancer = await scene().cable(dying.url);
    const page = await joinAs(scene(), balancer.url, room, 'Ada', { expects: LOST });
    const { endsAt } = await start(host, LONG_MS);
    await choiceOf(page, 'Mars').waitFor();
    await dying.kill();
    await waitForConnection(page, 'reconnecting');
    balancer.cut();
    balancer.mend(scene().b);
    await waitForConnection(page, 'joined');
    await choiceOf(page, 'Mars').click();
    await page.getByText('It counts!', { exact: true }).waitFor();
    await expectsTime(page, endsAt);
  });

  it('sees the right time on a device whose clock is days off, and is set anew meanwhile', async () => {
    const { room, host } = await roomWithHost();
    const page = await joinAs(scene(), scene().b, room, 'Ada', { before: wrongClock });
    expect(Math.abs((await page.evaluate(() => Date.now())) - Date.now())).toBeGreaterThan(2 * DAY_MS);
    const { endsAt } = await start(host, LONG_MS);
    await expectsTime(page, endsAt);
    for (const byMs of [3_600_000, -7_200_000]) {
      await page.evaluate((step) => {
        (globalThis as unknown as { stepClock(byMs: number): void }).stepClock(step);
      }, byMs);
      await expectsTime(page, endsAt);
    }
    await waitForConnection(page, 'joined');
    const shown = (await turnsOf(page))
      .filter(({ phase }) => phase === 'open')
      .map(({ digits }) => secondsOf(digits));
    expect(shown).toEqual([...shown].sort((one, other) => other - one));
  });

  it('sees the right time when the tab comes back from the background', async () => {
    const { room, host } = await roomWithHost();
    const page = await joinAs(scene(), scene().b, room, 'Ada');
    await start(host, LONG_MS);
    await choiceOf(page, 'Mars').waitFor();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    const { endsAt } = await commandSnapshot(host.client, 'question:extend', { byMs: -10_000 });
    const frozenUntil = Date.now() + 2_500;
    while (Date.now() < frozenUntil) await host.client.call('clock:sync', { sentAt: 0 });
    await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    await expectsTime(page, endsAt);
    await waitForConnection(page, 'joined');
  });
});

/** Runs in the page: its device clock is three days slow, and can be set to another time. */
function wrongClock(): void {
  const RealDate = Date;
  let offMs = -3 * 86_400_000;
  class WrongDate extends RealDate {
    constructor(...given: [] | [number]) {
      super(given.length === 0 ? RealDate.now() + offMs : given[0]);
    }
    static override now(): number {
      return RealDate.now() + offMs;
    }
  }
  Object.assign(globalThis, {
    Date: WrongDate,
    stepClock: (byMs: number) => {
      offMs += byMs;
    },
  });
}
