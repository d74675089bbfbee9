import { benchRedis } from '../process/private.redis.js';
import { runFacts, tell } from '../suite.output.js';
import { aborted, EXIT, progress, type Suite } from '../suite.types.js';
import { Counters, type IsolationSlot, Stand } from './isolation.contest.js';
import { CONTESTANTS, type ContestantName, startQuizbell, startRelays } from './isolation.contestants.js';
import { type IsolationOptions, parseIsolationOptions } from './isolation.options.js';
import {
  GOAL_MESSAGES,
  type IsolationFigures,
  isolationLine,
  isolationResult,
  isolationRound,
  isolationTable,
} from './isolation.report.js';

const HELP = `Usage: npm run bench -- isolation [options]

What does a gateway hear of rooms that others hold? All busy rooms are at server A: ticks, answers, members who come and go.
Server B has a quiet room of its own and none of those. Between Redis and each of the two is a proxy that counts the messages
which Redis sends to subscribers, by channel. In turn: Quizbell's gateways; bare Socket.IO with the sharded Redis adapter; and
with the classic one, which sends everything to everybody. While the rooms of one are busy, those of the other two are not,
which tells what B costs anyway. Goal: ${GOAL_MESSAGES} messages of busy rooms at Quizbell's B.

  --rooms 50               so many busy rooms
  --members 10             so many members in each
  --tick 100               milliseconds between two ticks of a busy room
  --seconds 5              so long the rooms of each are busy in a round
  --rounds 5               so many rounds
  --smoke                  5 rooms of 2, 2 s, 1 round; CPU time means nothing
  --json                   one JSON document on stdout, everything else on stderr
  --out FILE               writes that document to FILE too
  --note TEXT              stands in that document: what else was going on
  -h, --help               this text

Environment: REDIS_URL (redis:// or rediss://); without one a private redis-server is started and, at the end, removed.

Exit codes: 0 B was sent nothing that is not its own, and everybody heard what is (whatever it cost), 1 not so, 2 could not
run.`;

/** `npm run bench -- isolation`. */
export const isolationSuite: Suite = {
  summary: 'what a gateway hears of rooms that others hold, against the classic adapter',
  help: HELP,
  async run(args, stop) {
    const options = parseIsolationOptions(args);
    const { rooms, members, tickMs, seconds } = options;
    const redis = await benchRedis(process.env);
    try {
      const facts = await runFacts('isolation', args, redis.url, options.note);
      const rounds = await compete(options, redis.url, stop);
      const result = isolationResult(rounds, { ...facts, rooms, members, tickMs, seconds });
      await tell(result, isolationTable(result), options);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await redis.stop();
    }
  },
};

async function compete(
  options: IsolationOptions,
  redisUrl: string,
  stop: AbortSignal,
): Promise<IsolationFigures[][]> {
  const stands: Stand[] = [];
  try {
    for (const name of CONTESTANTS) {
      stop.throwIfAborted();
      stands.push(await startStand(name, redisUrl, options.rooms));
    }
    return await Promise.race([measure(stands, options), aborted(stop)]);
  } finally {
    await Promise.all(stands.map((stand) => stand.stop()));
  }
}

async function startStand(name: ContestantName, redisUrl: string, rooms: number): Promise<Stand> {
  const counters = new Counters();
  try {
    const urls = await counters.start(redisUrl);
    const prefix = `bench-${process.pid}-${name}`;
    const options = { redisUrl, ...urls, prefix, rooms };
    const contestant = await (name === 'quizbell' ? startQuizbell(options) : startRelays(name, options));
    return new Stand(contestant, counters);
  } catch (failure) {
    await counters.stop();
    throw failure;
  }
}

async function measure(
  stands: readonly Stand[],
  { members, tickMs, seconds, rounds, isSmoke }: IsolationOptions,
): Promise<IsolationFigures[][]> {
  const forMs = seconds * 1_000;
  progress('Members join');
  for (const stand of stands) await stand.fill(members);
  const measured: IsolationFigures[][] = [];
  // What is compiled in the first round must not be measured; a smoke run measures nothing.
  if (!isSmoke) await slotsOf(stands, (stand) => stand.stir(stands, { round: 0, tickMs, forMs }));
  for (let round = 1; round <= rounds; round++) {
    // Another one begins in the next round.
    const turned = [...stands.slice(round % stands.length), ...stands.slice(0, round % stands.length)];
    const slots = await slotsOf(turned, (stand) => stand.stir(stands, { round, tickMs, forMs }));
    const figures = isolationRound(stands.flatMap((stand) => slots.get(stand) ?? []));
    progress(`  Round ${round} of ${rounds}: ${isolationLine(figures)}`);
    measured.push(figures);
  }
  return measured;
}

async function slotsOf(
  stands: readonly Stand[],
  stir: (stand: Stand) => Promise<IsolationSlot>,
): Promise<Map<Stand, IsolationSlot>> {
  const slots = new Map<Stand, IsolationSlot>();
  for (const stand of stands) slots.set(stand, await stir(stand));
  return slots;
}
