import { setTimeout as sleep } from 'node:timers/promises';
import { type ClosingReport, judgeClosings } from './closing.observer.js';
import { ContestArena } from './contest.arena.js';
import type { Contestant, RunningContestant } from './contestants/contestant.types.js';
import { CannotRun } from './suite.types.js';

/** Rooms of the round that is not measured: code is compiled and scripts are loaded in it. */
export const WARM_UP_ROOMS = 50;
/** From planning to the deadline: time to start every room, and then quiet. */
const LEAD_MS = 1_000;
const LEAD_PER_ROOM_MS = 3;
const QUIET_MS = 400;
/** So long after the last closing a second one of a room would still be heard: owners look anew every 500 ms. */
const LINGER_MS = 1_200;
/** Closings that are later than that count as lost. */
const GIVE_UP_MS = 30_000;

export interface ContestOptions {
  readonly url: string;
  readonly prefix: string;
  readonly rooms: number;
  readonly nodeArgs: readonly string[];
  /** Rejects when the contest has to end before its time. */
  readonly aborted: Promise<never>;
}

/** Both rounds of one contestant; times of the measured one alone, broken promises of either. */
export async function runContest(contestant: Contestant, options: ContestOptions): Promise<ClosingReport> {
  const { url, prefix, rooms, nodeArgs, aborted } = options;
  const arena = await ContestArena.open(url, prefix, nodeArgs);
  try {
    const running = await contestant.start(arena);
    const died = running.ended.then((how): never => {
      throw new CannotRun(how);
    });
    died.catch(() => {}); // also at its wanted end, when nobody listens any more
    try {
      const warmUp = await Promise.race([playRound(arena, running, WARM_UP_ROOMS), died, aborted]);
      const measured = await Promise.race([playRound(arena, running, rooms), died, aborted]);
      return {
        ...measured,
        lost: [...warmUp.lost, ...measured.lost],
        doubled: [...warmUp.doubled, ...measured.doubled],
        early: [...warmUp.early, ...measured.early],
        wrong: [...warmUp.wrong, ...measured.wrong],
      };
    } finally {
      await running.stop();
    }
  } finally {
    await arena.close();
  }
}

/** Rooms that are all due at the same instant, from their creation to the judgement. */
async function playRound(
  arena: ContestArena,
  contestant: RunningContestant,
  count: number,
): Promise<ClosingReport> {
  const roomIds = await arena.createRooms(count);
  const endsAt = Math.ceil(arena.now() + LEAD_MS + LEAD_PER_ROOM_MS * count);
  const due = await arena.startQuestions(roomIds, endsAt);
  await contestant.schedule(due);
  await arena.listen(roomIds);
  await arena.synchronise();
  if (arena.now() > endsAt - QUIET_MS) {
    throw new CannotRun(`Starting ${count} rooms took too long: the machine is too busy to measure on.`);
  }
  const leftMs = endsAt - arena.now();
  await Promise.race([arena.heard(count), sleep(leftMs + GIVE_UP_MS, undefined, { ref: false })]);
  await sleep(LINGER_MS);
  return judgeClosings(due, await arena.received());
}
