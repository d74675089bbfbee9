import { setTimeout as sleep } from 'node:timers/promises';
import { type Environment, openRoom, platformEnvironment, type Room } from '#libs/client';
import { serve } from '../process/bench.worker.js';
import { CannotRun } from '../suite.types.js';
import { skewDate } from './device.clock.js';
import type { DeviceOrders, DeviceReadings, Errors } from './device.orders.js';
import { PlainClient } from './plain.client.js';
import { ServerTruth } from './server.truth.js';

const EARLY_MS = 1_000;
const WANTED_SAMPLES = 32;
const JOIN_WITHIN_MS = 20_000;

type RunOrder = DeviceOrders['run']['order'];

/** A device whose time of day, wrong as it is, may be set. */
class Device {
  readonly environment: Environment;
  private setByMs = 0;

  constructor() {
    this.environment = { ...platformEnvironment(), wallMs: () => Date.now() + this.setByMs };
  }

  set(byMs: number): void {
    this.setByMs += byMs;
  }
}

/** Resolves when what is known of the room fulfils the condition. */
function until(room: Room, isTrue: () => boolean, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isFulfilled: boolean) => {
      stop();
      clearTimeout(timer);
      resolve(isFulfilled);
    };
    const stop = room.subscribe(() => isTrue() && settle(true));
    const timer = setTimeout(() => settle(isTrue()), withinMs);
    if (isTrue()) settle(true);
  });
}

/** What is left in truth, milliseconds. */
function leftMs(room: Room, truth: ServerTruth): number {
  const { question } = room.state;
  if (question?.endsAt == null) throw new CannotRun('A room has no question.');
  return question.endsAt - truth.now();
}

/** By how much the room shows too much, milliseconds. */
const errorOf = (room: Room, truth: ServerTruth): number =>
  (room.remainingMs() ?? Number.NaN) - leftMs(room, truth);

/** One device: what it showed, each way as long after a join of its own. */
async function readDevice(
  order: RunOrder,
  index: number,
  truth: ServerTruth,
  rightNow: () => number,
): Promise<DeviceReadings> {
  const { url, pins, lateMs, stepAfterMs, stepMs } = order;
  const isStepping = index % 2 === 1;
  const device = new Device();
  const { environment } = device;
  const pin = pins[index % pins.length] ?? '';
  const room = openRoom({ url, pin, environment });
  const isJoined = () => room.state.connection === 'joined';
  if (!(await until(room, isJoined, JOIN_WITHIN_MS)))
    throw new CannotRun('A device did not get into its room.');
  const joinedMs = performance.now();
  const hasSamples = () => room.state.clock.samples >= WANTED_SAMPLES;
  const sampled = until(room, hasSamples, lateMs).then((isReached) =>
    isReached ? { afterMs: performance.now() - joinedMs, errorMs: errorOf(room, truth) } : null,
  );
  const plain = await PlainClient.join(url, pin, environment.wallMs);
  const plainJoinedMs = performance.now();
  if (isStepping) setTimeout(() => device.set(stepMs), stepAfterMs);
  const read = async (afterMs: number): Promise<Errors> => {
    await sleep(joinedMs + afterMs - performance.now());
    const sdk = errorOf(room, truth);
    await sleep(plainJoinedMs + afterMs - performance.now());
    const left = leftMs(room, truth);
    const others = Object.entries(plain.shown(rightNow())).map(([way, shown]) => [way, shown - left]);
    return { sdk, ...Object.fromEntries(others) } as Errors;
  };
  const early = await read(EARLY_MS);
  const late = await read(lateMs);
  const { errorMs: claimedMs, samples } = room.state.clock;
  const readings = { isStepping, early, late, sampled: await sampled, claimedMs, samples };
  room.disconnect();
  plain.close();
  return readings;
}

serve<DeviceOrders>({
  async run(order) {
    const rightNow = skewDate(order.skewMs);
    const truth = await ServerTruth.connect(order.redisUrl, order.directUrl);
    const spacingMs = order.joinOverMs / order.devices;
    const readings = await Promise.all(
      Array.from({ length: order.devices }, async (_, i) => {
        await sleep(i * spacingMs);
        return readDevice(order, i, truth, rightNow);
      }),
    );
    truth.stop();
    return { readings, truth: truth.quality };
  },
});
