import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FakeEnvironment } from '../testing/fake.environment.spec-helper.js';
import { closedSnapshot, openSnapshot } from './fake.gateway.spec-helper.js';
import { MissedEvents } from './missed.events.js';

const EPOCH = 1_700_000_000_000;

let environment: FakeEnvironment;
let missed: MissedEvents;
/** Server's instants, from the beginning of the test, at which the state was asked for. */
let asked: number[];
/** How far the estimate of the server's clock is off. */
let errorMs: number;
let jitter: number;
let startMs: number;

const passedMs = () => environment.nowMs() - startMs;

beforeEach(() => {
  environment = new FakeEnvironment();
  startMs = environment.nowMs();
  asked = [];
  errorMs = 0;
  jitter = 0;
  missed = new MissedEvents({
    environment,
    serverNow: () => EPOCH + passedMs() + errorMs,
    resync: () => asked.push(passedMs()),
    random: () => jitter,
  });
});

const openFor = (version: number, ms: number) =>
  openSnapshot(version, ms, { serverNow: EPOCH + passedMs(), endsAt: EPOCH + passedMs() + ms });

describe('a closing that is due', () => {
  it.each([
    [0, 6_000],
    [0.5, 6_500],
    [0.999, 6_999],
  ])('has a second and up to a second more to come (jitter %d)', async (random, atMs) => {
    jitter = random;
    missed.expect(openFor(1, 5_000));
    await environment.pass(6_999.5);
    expect(asked).toEqual([atMs]);
  });

  it('that comes, or moves, is not asked for', async () => {
    missed.expect(openFor(1, 5_000));
    await environment.pass(4_000);
    missed.expect(openFor(2, 3_000));
    await environment.pass(3_500);
    missed.expect(closedSnapshot(3));
    await environment.pass(60_000);
    expect(asked).toEqual([]);
    expect(environment.armed.timers).toBe(0);
  });

  it('is looked for by the clock as it is known then', async () => {
    errorMs = -3_000;
    missed.expect(openFor(1, 5_000));
    await environment.pass(100);
    errorMs = 0;
    missed.arm();
    await environment.pass(5_900);
    expect(asked).toEqual([6_000]);
  });

  it('that is not known to the server either is asked for again, at most once a second', async () => {
    missed.expect(openFor(1, 1_000));
    await environment.pass(2_000);
    expect(asked).toEqual([2_000]);
    // The same state again, as of now.
    missed.expect({ ...openFor(1, 0), endsAt: EPOCH + 1_000 });
    await environment.pass(3_000);
    expect(asked).toEqual([2_000, 3_000, 4_000, 5_000]);
  });

  it('in forty days is waited for in pieces that timers can count', async () => {
    const FORTY_DAYS_MS = 40 * 86_400_000;
    const timers = jest.spyOn(environment, 'setTimer');
    missed.expect(openFor(1, FORTY_DAYS_MS));
    await environment.pass(FORTY_DAYS_MS);
    expect(asked).toEqual([]);
    await environment.pass(1_000);
    expect(asked).toEqual([FORTY_DAYS_MS + 1_000]);
    for (const [, delayMs] of timers.mock.calls) expect(delayMs).toBeLessThan(2 ** 31);
  });
});

describe('a newer version that is told by the way', () => {
  it('is asked for if its event has not come in a moment', async () => {
    missed.expect(openFor(5, 60_000));
    missed.sawVersion(5);
    missed.sawVersion(7);
    await environment.pass(300);
    expect(asked).toHaveLength(1);
  });

  it('is not asked for when its event was only on its way', async () => {
    missed.expect(openFor(5, 60_000));
    missed.sawVersion(7);
    await environment.pass(10);
    missed.expect(openFor(7, 60_000));
    await environment.pass(1_000);
    expect(asked).toEqual([]);
  });
});

it('after the end nothing is asked', async () => {
  missed.expect(openFor(1, 1_000));
  missed.sawVersion(9);
  missed.stop();
  expect(environment.armed.timers).toBe(0);
  await environment.pass(10_000);
  expect(asked).toEqual([]);
});
