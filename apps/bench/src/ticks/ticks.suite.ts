import { benchRedis } from '../process/private.redis.js';
import { randomSeed, seeded } from '../seeded.random.js';
import { runFacts, tell } from '../suite.output.js';
import { aborted, EXIT, progress, type Suite } from '../suite.types.js';
import { emitTicker, quizbellTicker, runTickContest, TICK_MS, type Ticker } from './tick.contest.js';
import { parseTicksOptions, type TicksOptions } from './ticks.options.js';
import {
  GOALS,
  type MeasuredTicks,
  measuredTicks,
  type TickSizeResult,
  tickLine,
  tickSizeResult,
  ticksResult,
  ticksTables,
} from './ticks.report.js';

const HELP = `Usage: npm run bench -- ticks [options]

Active rooms with a tick each second, whose deadlines lie evenly over that second: how late is each tick when a subscriber of
Redis has it, how many are skipped, and what does one cost? In turn: the scheduler as it is deployed, and a Socket.IO
server without clients that emits to one room after the other by one timer, over the same sharded adapter. Each is a
process of its own, with fresh keys. The medians of the rounds are told. Goals with ${GOALS.rooms} rooms: p99 at most ${GOALS.jitterP99Ms} ms late,
none skipped, CPU time of the scheduler at most ${GOALS.cpuRatio} of the emits'.

  --rooms 100,1000,10000   so many rooms, one size after the other
  --seconds 10             so long each
  --rounds 5               so many rounds
  --seed N                 the same rooms at the same instants again
  --smoke                  100 rooms, 2 s, 1 round; times are not judged
  --json                   one JSON document on stdout, everything else on stderr
  --out FILE               writes that document to FILE too
  --note TEXT              stands in that document: what else was going on
  --profile DIR            CPU profiles of the scheduler in DIR (it costs time)
  -h, --help               this text

Environment: REDIS_URL (redis:// or rediss://); without one a private redis-server is started and, at the end, removed.

Exit codes: 0 there were ticks and none twice (whatever the times), 1 not so, 2 could not run.`;

/** `npm run bench -- ticks`. */
export const ticksSuite: Suite = {
  summary: 'how late ticks are and what they cost, against one Socket.IO emit a room',
  help: HELP,
  async run(args, stop) {
    const options = parseTicksOptions(args, randomSeed());
    const redis = await benchRedis(process.env);
    try {
      const facts = await runFacts('ticks', args, redis.url, options.note);
      const sizes = await measure(options, redis.url, stop);
      const { seed, seconds } = options;
      const result = ticksResult(sizes, { ...facts, seed, seconds, tickMs: TICK_MS });
      await tell(result, ticksTables(result), options);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await redis.stop();
    }
  },
};

async function measure(
  { rooms: sizes, seconds, rounds, seed, isSmoke, profile }: TicksOptions,
  redisUrl: string,
  stop: AbortSignal,
): Promise<TickSizeResult[]> {
  const measured: [MeasuredTicks, MeasuredTicks][][] = sizes.map(() => []);
  let contests = 0;
  const contest = async (ticker: Ticker, rooms: number, round: number): Promise<MeasuredTicks> => {
    stop.throwIfAborted();
    const report = await runTickContest(ticker, {
      url: redisUrl,
      prefix: `bench-${process.pid}-${++contests}`,
      rooms,
      seconds,
      random: seeded(seed + round), // the same for both of a round
      nodeArgs: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
      aborted: aborted(stop),
    });
    const result = measuredTicks(ticker.name, report, TICK_MS);
    progress(`${String(rooms).padStart(8)}${tickLine(result)}`);
    return result;
  };
  for (let round = 0; round < rounds; round++) {
    progress(`Round ${round + 1} of ${rounds}`);
    for (const [i, rooms] of sizes.entries()) {
      // By turns the one and the other begins.
      const isOursFirst = round % 2 === 0;
      const theirsBefore = isOursFirst ? undefined : await contest(emitTicker, rooms, round);
      const ours = await contest(quizbellTicker, rooms, round);
      measured[i]?.push([ours, theirsBefore ?? (await contest(emitTicker, rooms, round))]);
    }
  }
  return sizes.map((rooms, i) => tickSizeResult(rooms, measured[i] ?? [], isSmoke));
}
