import { startCluster } from '../cluster/bench.cluster.js';
import { benchRedis } from '../process/private.redis.js';
import { randomSeed, seeded } from '../seeded.random.js';
import { runFacts, tell } from '../suite.output.js';
import { aborted, EXIT, progress, type Suite } from '../suite.types.js';
import { StartContest, type StartsReport } from './start.contest.js';
import { parseStartOptions, type StartOptions } from './start.options.js';
import { type MeasuredStarts, startResult, startSizeResult, startTable } from './start.report.js';
import { bareServer, quizbellServer, type ServerName } from './start.servers.js';

const GATEWAYS = 2;
/** What is done for the first time takes longer. */
const WARM_UP_STARTS = 5;

const HELP = `Usage: npm run bench -- start [options]

A host starts a question: how long until the last player has heard of it? By the number of players, who are spread over
${GATEWAYS} gateways; the host is connected to one of them. In turn in each round: Quizbell as it is deployed, and bare Socket.IO
servers with the Redis adapter, which decide and keep nothing and emit to the room at once. The servers and the players are
processes of their own. A time counts from the sending of the command until the last player has read the event, so what
the players' own processes take is in it, of both alike.

  --players 10,100,1000,5000   so many, one size after the other
  --rounds 5               so many rounds of each size
  --starts 16              so many starts of each in a round
  --seed N                 the host's pauses again
  --smoke                  10 players, 1 round of 5 starts
  --json                   one JSON document on stdout, everything else on stderr
  --out FILE               writes that document to FILE too
  --note TEXT              stands in that document: what else was going on
  -h, --help               this text

Environment: REDIS_URL (redis:// or rediss://); without one a private redis-server is started and, at the end, removed.

Exit codes: 0 every player heard every start once (whatever the times), 1 not so, 2 could not run.`;

/** `npm run bench -- start`. */
export const startSuite: Suite = {
  summary: "from a host's start to the last player, by the size of the room",
  help: HELP,
  async run(args, stop) {
    const options = parseStartOptions(args, randomSeed());
    const redis = await benchRedis(process.env);
    try {
      const facts = await runFacts('start', args, redis.url, options.note);
      const sizes = await withServers(redis.url, options, stop);
      const result = startResult(sizes, { ...facts, seed: options.seed, gateways: GATEWAYS });
      await tell(result, startTable(result), options);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await redis.stop();
    }
  },
};

interface MeasuredSize {
  readonly players: number;
  readonly rounds: readonly MeasuredStarts[];
}

async function withServers(
  redisUrl: string,
  options: StartOptions,
  stop: AbortSignal,
): Promise<MeasuredSize[]> {
  const prefix = `bench-${process.pid}`;
  const cluster = await startCluster({ redisUrl, prefix, gateways: GATEWAYS });
  const contests: StartContest[] = [];
  try {
    const quizbell = new StartContest(quizbellServer(cluster));
    contests.push(quizbell);
    const bare = new StartContest(await bareServer(redisUrl, `${prefix}-bare`));
    contests.push(bare);
    return await Promise.race([measure({ quizbell, bare }, options, stop), cluster.died, aborted(stop)]);
  } finally {
    await Promise.all(contests.map((contest) => contest.stop()));
    await cluster.stop();
  }
}

async function measure(
  contests: Readonly<Record<ServerName, StartContest>>,
  { players: sizes, rounds: count, starts, seed, isSmoke }: StartOptions,
  stop: AbortSignal,
): Promise<MeasuredSize[]> {
  const measured: MeasuredSize[] = [];
  for (const players of sizes) {
    for (const contest of Object.values(contests)) {
      stop.throwIfAborted();
      await contest.enter(players);
      if (!isSmoke) await contest.play(WARM_UP_STARTS, seeded(seed));
    }
    const rounds: MeasuredStarts[] = [];
    for (let i = 0; i < count; i++) {
      const play = (name: ServerName): Promise<StartsReport> => {
        stop.throwIfAborted();
        return contests[name].play(starts, seeded(seed + i)); // the same pauses for both of a round
      };
      // By turns the one and the other begins.
      const bareBefore = i % 2 === 0 ? undefined : await play('bare');
      const quizbell = await play('quizbell');
      rounds.push({ quizbell, bare: bareBefore ?? (await play('bare')) });
    }
    for (const contest of Object.values(contests)) await contest.leave();
    measured.push({ players, rounds });
    const { all, ratio } = startSizeResult(players, rounds);
    progress(
      `${String(players).padStart(8)} players: p50 ${all.quizbell.last.p50} ms, p99 ${all.quizbell.last.p99} ms; bare ${all.bare.last.p50}, ${all.bare.last.p99}; ratio of p50 ${ratio.p50}`,
    );
  }
  return measured;
}
