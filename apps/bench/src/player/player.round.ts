import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchGateway } from '../cluster/bench.cluster.js';
import { PING_INTERVAL_MS } from '../players/quiet.time.js';
import { type CpuTime, cpuTimeOf } from './gateway.cost.js';
import { KINDS, type Kind, PARTS, type Part, type PartWork, type PlayerRound } from './player.report.js';
import type { SteadyCrowd } from './steady.crowd.js';

/** The protocol's default: a tick a second. */
export const TICK_MS = 1_000;
/**
 * A window is at least so much longer than its question: the starts of all rooms, and the way of the last event, also on a
 * machine that stands still for a second meanwhile.
 */
const AROUND_QUESTION_MS = 5_000;
/** The starts take less of that, or the closings are not in the window. */
const STARTED_WITHIN_MS = 2_000;

/** A gateway and its players of both kinds, who stay connected all the time. */
export interface Station {
  readonly gateway: BenchGateway;
  readonly crowds: Readonly<Record<Kind, SteadyCrowd>>;
}

export interface PlayerScene {
  /** Has nobody. */
  readonly empty: BenchGateway;
  /** As many as there are parts. */
  readonly stations: readonly Station[];
}

export interface RoundPlan {
  /** Counted from 0; another station has each part in the next round. */
  readonly round: number;
  readonly questionMs: number;
  readonly syncEveryMs: number;
  readonly seed: number;
}

/**
 * At the same time a question of those who have ticks, at one station, a question of those who have none, at another, and
 * no question at the third: whatever else the machine does meanwhile makes all of them alike slower.
 *
 * @returns null when the starts took too long: all is over by then, so that another round can be played
 */
export async function playRound(
  { empty, stations }: PlayerScene,
  plan: RoundPlan,
): Promise<PlayerRound | null> {
  const { round, questionMs, syncEveryMs, seed } = plan;
  const at = (part: Part): Station => {
    const station = stations[(round + PARTS.indexOf(part)) % stations.length];
    if (station === undefined) throw new RangeError('too few stations');
    return station;
  };
  await Promise.all(stations.map(heardBy));
  const gateways = [empty, ...PARTS.map((part) => at(part).gateway)];

  // Each window has as many heartbeats of a connection as the others.
  const lengthMs = Math.ceil((questionMs + AROUND_QUESTION_MS) / PING_INTERVAL_MS) * PING_INTERVAL_MS;
  const startMs = performance.now();
  const before = await Promise.all(gateways.map(cpuTimeOf));
  const question = { questionId: `q${round}`, durationMs: questionMs, leadInMs: 0, tickMs: TICK_MS };
  const [synced, startedMs] = await Promise.all([
    at('tickless').crowds.tickless.sync({ everyMs: syncEveryMs, forMs: questionMs, seed }),
    durationOf(Promise.all(KINDS.map((kind) => at(kind).crowds[kind].start(question)))),
  ]);
  if (startedMs > STARTED_WITHIN_MS) {
    await sleep(startMs + startedMs + lengthMs - performance.now());
    return null;
  }
  await sleep(startMs + lengthMs - performance.now());
  const after = await Promise.all(gateways.map(cpuTimeOf));

  const windowMs = performance.now() - startMs;
  const spent = (gateway: number): CpuTime => ({
    processMs: (after[gateway]?.processMs ?? Number.NaN) - (before[gateway]?.processMs ?? 0),
    mainMs: (after[gateway]?.mainMs ?? Number.NaN) - (before[gateway]?.mainMs ?? 0),
  });
  const work = async (part: Part): Promise<PartWork> => ({
    ...spent(1 + PARTS.indexOf(part)),
    heard: await heardBy(at(part)),
  });
  const [idle, tickless, ticking] = [await work('idle'), await work('tickless'), await work('ticking')];
  return { windowMs, synced, empty: spent(0), idle, tickless, ticking };
}

/** Since it was asked last. */
async function heardBy({ crowds }: Station): Promise<PartWork['heard']> {
  return { tickless: await crowds.tickless.take(), ticking: await crowds.ticking.take() };
}

/** How long it takes, ms. */
async function durationOf(work: Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work;
  return performance.now() - startMs;
}
