import type { MemoryLeft } from '../player/gateway.cost.js';
import { benchRedis } from '../process/private.redis.js';
import { randomSeed, seeded } from '../seeded.random.js';
import { runFacts, tell } from '../suite.output.js';
import { aborted, EXIT, progress, type Suite } from '../suite.types.js';
import { type Slot, Stand } from './fanout.contest.js';
import {
  CONTESTANTS,
  type ContestantOptions,
  type QuizbellContestant,
  startQuizbell,
  startRelayed,
} from './fanout.contestants.js';
import { type FanoutOptions, parseFanoutOptions } from './fanout.options.js';
import {
  type FanoutSizeResult,
  fanoutLine,
  fanoutResult,
  fanoutRound,
  fanoutSizeResult,
  fanoutTables,
  GOAL_RATIO,
  type MeasuredFanout,
  socketMemory,
} from './fanout.report.js';

/** Long enough to compile what is done often. */
const WARM_UP_MS = 5_000;
/** The protocol's limits of a question's ticks. */
const TICK_MS_RANGE = { min: 100, max: 60_000 };

const HELP = `Usage: npm run bench -- fanout [options]

What does it cost a server to hand a tick on to each of its sockets? Three servers have as many sockets in as many rooms, and
get the same ticks by way of Redis: a Quizbell gateway (and a scheduler that ticks), bare Socket.IO with the same sharded
adapter and the same options, and bare websockets, the limit: one frame for a room, and one write to each connection. All
stay connected all the time. In each round the rooms of one after the other tick, while the other two tell what open
connections cost anyway. Goal: CPU time for one delivery at most ${GOAL_RATIO} of bare Socket.IO's.

  --sockets 1000,5000      so many at each server, one size after the other
  --members 50             so many of them in one room
  --rate 5000              deliveries of one server in a second: by how often rooms tick
  --seconds 5              so long each server's rooms tick in a round; 5 or 10, so that each connection has as many heartbeats
  --rounds 7               so many rounds
  --seed N                 rooms tick at the same instants again
  --profile DIR            CPU profiles of the servers in DIR (it costs time)
  --smoke                  40 sockets in rooms of 10, 2 s, 1 round; times are not judged
  --json                   one JSON document on stdout, everything else on stderr
  --out FILE               writes that document to FILE too
  --note TEXT              stands in that document: what else was going on
  -h, --help               this text

Environment: REDIS_URL (redis:// or rediss://); without one a private redis-server is started and, at the end, removed.

Exit codes: 0 each tick reached each member once (whatever it cost), 1 not so, 2 could not run.`;

/** `npm run bench -- fanout`. */
export const fanoutSuite: Suite = {
  summary: 'what a tick costs a gateway for each socket, against bare Socket.IO and bare websockets',
  help: HELP,
  async run(args, stop) {
    const options = parseFanoutOptions(args, randomSeed());
    const { members, rate, seconds, seed } = options;
    const redis = await benchRedis(process.env);
    try {
      const facts = await runFacts('fanout', args, redis.url, options.note);
      const sizes = await compete(options, redis.url, stop);
      const result = fanoutResult(sizes, { ...facts, seed, members, rate, seconds });
      await tell(result, fanoutTables(result), options);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await redis.stop();
    }
  },
};

async function compete(
  options: FanoutOptions,
  redisUrl: string,
  stop: AbortSignal,
): Promise<FanoutSizeResult[]> {
  const { profile } = options;
  const optionsOf = (name: string): ContestantOptions => ({
    redisUrl,
    prefix: `bench-${process.pid}-${name}`,
    nodeOptions: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}/${name}`],
  });
  const quizbell = await startQuizbell(optionsOf('quizbell'));
  const stands = [new Stand(quizbell)];
  try {
    for (const name of ['socket.io', 'ws'] as const) {
      stands.push(new Stand(await startRelayed(name, optionsOf(name))));
    }
    return await Promise.race([measure(options, quizbell, stands), quizbell.died, aborted(stop)]);
  } finally {
    await Promise.all(stands.map((stand) => stand.stop()));
  }
}

async function measure(
  options: FanoutOptions,
  quizbell: QuizbellContestant,
  stands: readonly Stand[],
): Promise<FanoutSizeResult[]> {
  const { sockets: sizes, members, rate, seconds, rounds, seed, isSmoke } = options;
  const random = seeded(seed);
  const empty = await inTurn(stands, (stand) => stand.memory());
  const results: FanoutSizeResult[] = [];
  for (const [i, sockets] of sizes.entries()) {
    const tickMs = tickMsOf(sockets, rate);
    progress(`${sockets} sockets at each server, a tick each ${tickMs} ms`);
    const more = (sockets - (sizes[i - 1] ?? 0)) / members;
    const rooms = await quizbell.createRooms(more, random);
    const filled = await inTurn(stands, (stand) => stand.fill(rooms, members));
    const memory = filled.map((after, at) => socketMemory(empty[at] as MemoryLeft, after, sockets));
    // What is compiled meanwhile must not be measured; a smoke run measures nothing.
    if (!isSmoke) await inTurn(stands, (stand) => stand.tick(stands, tickMs, WARM_UP_MS));
    const measured: MeasuredFanout[][] = [];
    for (let round = 0; round < rounds; round++) {
      const figures = fanoutRound(
        await slotsOf(stands, round, (stand) => stand.tick(stands, tickMs, seconds * 1_000)),
        sockets,
      );
      progress(`  Round ${round + 1} of ${rounds}: ${fanoutLine(figures)}`);
      measured.push(figures);
    }
    results.push(fanoutSizeResult({ sockets, tickMs }, measured, memory, isSmoke));
  }
  return results;
}

/** So that there are as many deliveries in a second with few sockets as with many. */
const tickMsOf = (sockets: number, rate: number): number =>
  Math.min(TICK_MS_RANGE.max, Math.max(TICK_MS_RANGE.min, Math.round((sockets * 1_000) / rate)));

/** One slot for each, in the order of the contestants; another one begins in the next round. */
async function slotsOf(
  stands: readonly Stand[],
  round: number,
  tick: (stand: Stand) => Promise<Slot>,
): Promise<Slot[]> {
  const slots: Slot[] = [];
  for (let i = 0; i < stands.length; i++) {
    const at = (round + i) % CONTESTANTS.length;
    const stand = stands[at];
    if (stand !== undefined) slots[at] = await tick(stand);
  }
  return slots;
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
