import { setTimeout as sleep } from 'node:timers/promises';
import { ContestArena, type NewRoom } from '../contest.arena.js';
import { quizbellContestant } from '../contestants/quizbell.contestant.js';
import { measureTicks, TICK_MS, withDeadlines } from '../ticks/tick.contest.js';
import type { RungReading } from './rooms.report.js';

/** All rooms tick for so long before anything is measured: what is compiled is compiled, for few rooms as for many. */
const WARM_UP_MS = 4_000;
/** Above so many ticks a second, half of the time tells as much. */
const MANY_ROOMS = 5_000;

export interface TickLadderOptions {
  readonly url: string;
  readonly prefix: string;
  /** Rising. */
  readonly sizes: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
  readonly random: () => number;
  /** For the scheduler's process. */
  readonly nodeArgs: readonly string[];
  readonly isSmoke: boolean;
  readonly aborted: Promise<never>;
  readonly measured: (round: number, reading: RungReading) => void;
}

/**
 * One scheduler, and in each round so many rooms that tick, one size after the other, and none: up in one round, down in the
 * next. The others have no question meanwhile.
 */
export async function climbLadder(options: TickLadderOptions): Promise<RungReading[][]> {
  const { url, prefix, nodeArgs, sizes, aborted } = options;
  const arena = await ContestArena.open(url, prefix, nodeArgs);
  try {
    const rooms = await arena.createRooms(Math.max(...sizes));
    const scheduler = await quizbellContestant.start(arena);
    try {
      return await Promise.race([climb(arena, rooms, scheduler, options), aborted]);
    } finally {
      await scheduler.stop();
    }
  } finally {
    await arena.close();
  }
}

async function climb(
  arena: ContestArena,
  rooms: readonly NewRoom[],
  scheduler: { cpuMs(): Promise<number> },
  { sizes, seconds, rounds, random, isSmoke, measured }: TickLadderOptions,
): Promise<RungReading[][]> {
  if (!isSmoke) {
    const all = await tick(arena, rooms, random);
    await sleep(WARM_UP_MS);
    await arena.stopQuestions(all);
  }
  const rungs = [0, ...sizes];
  const readings: RungReading[][] = [];
  for (let round = 0; round < rounds; round++) {
    const inTurn = round % 2 === 0 ? rungs : rungs.toReversed();
    const ofRound: RungReading[] = [];
    for (const size of inTurn) {
      const ticking = await tick(arena, rooms.slice(0, size), random);
      const windowSeconds = size > MANY_ROOMS ? Math.ceil(seconds / 2) : seconds;
      const { ticks, cpu } = await measureTicks(arena, scheduler, ticking, { seconds: windowSeconds });
      const { jitterMs, skipped, doubled, wrong } = ticks;
      const reading = {
        rooms: size,
        seconds: windowSeconds,
        ticks: jitterMs.length,
        skipped,
        doubled,
        wrong,
        cpu,
      };
      ofRound.push(reading);
      measured(round, reading);
      await arena.stopQuestions(ticking);
    }
    readings.push(ofRound.toSorted((a, b) => a.rooms - b.rooms));
  }
  return readings;
}

async function tick(arena: ContestArena, rooms: readonly NewRoom[], random: () => number) {
  const ticking = withDeadlines(rooms, arena.now(), random);
  await arena.startQuestions(ticking, TICK_MS);
  return ticking;
}
