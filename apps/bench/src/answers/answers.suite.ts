import { startCluster } from '../cluster/bench.cluster.js';
import { benchRedis } from '../process/private.redis.js';
import { randomSeed } from '../seeded.random.js';
import { CPU_PROBE_ARGS } from '../stats/cpu.time.js';
import { runFacts, tell } from '../suite.output.js';
import { aborted, EXIT, progress, type Suite } from '../suite.types.js';
import { echoServer, quizbellServer, type ServerName } from './answer.servers.js';
import { AnswersContest, type LoadReport, mergedReport } from './answers.contest.js';
import { type AnswersOptions, parseAnswersOptions } from './answers.options.js';
import {
  answersResult,
  answersTable,
  GOALS,
  loadStep,
  type MeasuredAnswers,
  type MeasuredPart,
  partResult,
  type Ramp,
  saturationOf,
  stepLine,
} from './answers.report.js';
import { LATEST_P99_MS, LEAST_ACHIEVED, searchSaturation } from './saturation.search.js';

const MS_PER_SECOND = 1_000;
/** Of what is compiled while it is measured, nothing is known. */
const WARM_UP = { questions: 5, perSecond: 3_000 };
/** Windows of one step of a ramp: what is too much is seen in a few. */
const STEP_WINDOWS = 3;
const STEP_MS = 2_500;
/** Both together are shorter than the quiet time. */
const IDLE_MS = 1_200;
const WINDOW_MS = 2_800;
/** Of a round, each with a question of its own: everybody answers it once, so that at a high rate it is short. */
const ROUND_WINDOWS = 3;

const HELP = `Usage: npm run bench -- answers [options]

How many answers a second does one gateway judge, how long does a verdict take, and what does it cost? Players in many rooms
answer, each once a question, at instants of their own that are fixed ahead; a verdict's time counts from that instant, so
what waits in a queue is measured too. In turn in each round, with the same answers: a gateway as it is deployed, and a bare
Socket.IO server with the Redis adapter that acknowledges each answer at once and keeps nothing. First the rate is
doubled until it is too much (fewer than ${LEAST_ACHIEVED * 100} % of the verdicts come, or their p99 exceeds ${LATEST_P99_MS} ms), then the distance is
halved a few times; the rounds are at half of Quizbell's saturation, each of ${ROUND_WINDOWS} questions. CPU time is told without what the connections cost
anyway; heartbeats are put between the measured times. Goals: CPU time at most ${GOALS.cpuRatio} times the echo's, p99 at most ${GOALS.p99Ms} ms at half of saturation.

  --players 6000           so many at each of the two
  --rooms 100              in so many rooms
  --ramps 2                so often saturation is looked for
  --rounds 5               so many rounds at half of it
  --rate N                 the rounds are at N answers a second, and saturation is not looked for
  --seed N                 the same players answer at the same instants again
  --profile DIR            CPU profiles of the gateway in DIR (it costs time)
  --smoke                  200 players in 4 rooms, 200 answers a second, 1 round; times are not judged
  --json                   one JSON document on stdout, everything else on stderr
  --out FILE               writes that document to FILE too
  --note TEXT              stands in that document: what else was going on
  -h, --help               this text

Environment: REDIS_URL (redis:// or rediss://); without one a private redis-server is started and, at the end, removed.

Exit codes: 0 every answer was accepted (whatever the times), 1 not so, 2 could not run.`;

/** `npm run bench -- answers`. */
export const answersSuite: Suite = {
  summary: 'verdicts a second, how long they take and what they cost, against an echo',
  help: HELP,
  async run(args, stop) {
    const options = parseAnswersOptions(args, randomSeed());
    const redis = await benchRedis(process.env);
    try {
      const facts = await runFacts('answers', args, redis.url, options.note);
      const measured = await withServers(redis.url, options, stop);
      const { players, rooms, seed, isSmoke } = options;
      const about = { ...facts, seed, players: perRoom({ players, rooms }) * rooms, rooms };
      const result = answersResult(measured, isSmoke, about);
      await tell(result, answersTable(result), options);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await redis.stop();
    }
  },
};

const perRoom = ({ players, rooms }: Pick<AnswersOptions, 'players' | 'rooms'>): number =>
  Math.max(1, Math.floor(players / rooms));

const profilerOptions = (folder: string | undefined): NodeJS.ProcessEnv =>
  folder === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` };

async function withServers(
  redisUrl: string,
  options: AnswersOptions,
  stop: AbortSignal,
): Promise<MeasuredAnswers> {
  const cluster = await startCluster({
    redisUrl,
    prefix: `bench-${process.pid}`,
    gateways: 1,
    nodeArgs: CPU_PROBE_ARGS,
    gatewayEnv: profilerOptions(options.profile),
  });
  const contests: AnswersContest[] = [];
  try {
    const enter = async (server: AnswersContest['server']) => {
      const contest = new AnswersContest(server, perRoom(options));
      contests.push(contest);
      progress(`${contest.players} players join: ${contest.name}`);
      await contest.enter();
      return contest;
    };
    const work = async () => {
      const quizbell = await enter(await quizbellServer(cluster, redisUrl, options.rooms));
      const echo = await enter(await echoServer(redisUrl, `bench-echo-${process.pid}`, options.rooms));
      return measure({ quizbell, echo }, options, stop);
    };
    return await Promise.race([work(), cluster.died, aborted(stop)]);
  } finally {
    await Promise.all(contests.map((contest) => contest.stop()));
    await cluster.stop();
  }
}

type Contests = Readonly<Record<ServerName, AnswersContest>>;

async function measure(
  contests: Contests,
  options: AnswersOptions,
  stop: AbortSignal,
): Promise<MeasuredAnswers> {
  const { rounds: count, ramps: rampCount, isSmoke } = options;
  let { seed } = options;
  const others: string[] = [];
  const play = async (name: ServerName, answers: number, perSecond: number) => {
    stop.throwIfAborted();
    const report = await contests[name].play({ answers, perSecond, seed });
    others.push(...report.others);
    return report;
  };
  const ramp = async (name: ServerName): Promise<Ramp> => {
    const { players } = contests[name];
    return searchSaturation(async (offered) => {
      const answers = Math.min(STEP_WINDOWS * players, Math.round((offered * STEP_MS) / MS_PER_SECOND));
      const step = loadStep(offered, await play(name, answers, offered));
      progress(`  ${name}: ${stepLine(step)}`);
      return step;
    });
  };
  const part = async (name: ServerName, rate: number): Promise<MeasuredPart> => {
    stop.throwIfAborted();
    const contest = contests[name];
    const answers = Math.min(contest.players, Math.round((rate * WINDOW_MS) / MS_PER_SECOND));
    const [idles, reports]: [LoadReport[], LoadReport[]] = [[], []];
    for (let window = 0; window < (isSmoke ? 1 : ROUND_WINDOWS); window++) {
      // Of both, whoever answers: they are on one machine. A smoke run measures nothing.
      const quiet = isSmoke ? [] : Object.values(contests).map((one) => one.beQuiet());
      const [question] = await Promise.all([contest.open(), ...quiet]);
      idles.push(await contest.idle(IDLE_MS));
      reports.push(await contest.answer(question, { answers, perSecond: rate, seed: seed + window }));
    }
    const report = mergedReport(reports);
    others.push(...report.others);
    return { result: partResult(rate, report, mergedReport(idles)), report };
  };
  // By turns the one and the other begins.
  const inTurn = async <T>(
    turn: number,
    work: (name: ServerName) => Promise<T>,
  ): Promise<Record<ServerName, T>> => {
    const echoBefore = turn % 2 === 0 ? undefined : await work('echo');
    const quizbell = await work('quizbell');
    return { quizbell, echo: echoBefore ?? (await work('echo')) };
  };

  if (!isSmoke) {
    await inTurn(0, (name) => play(name, WARM_UP.questions * contests[name].players, WARM_UP.perSecond));
  }
  const ramps: Record<ServerName, Ramp[]> = { quizbell: [], echo: [] };
  for (let turn = 0; turn < rampCount; turn++) {
    progress(`Ramp ${turn + 1} of ${rampCount}`);
    seed += 1;
    const both = await inTurn(turn, ramp);
    ramps.quizbell.push(both.quizbell);
    ramps.echo.push(both.echo);
  }
  const rate = options.rate ?? halfOf(ramps.quizbell);
  const rounds: Record<ServerName, MeasuredPart>[] = [];
  for (let turn = 0; turn < count; turn++) {
    seed += ROUND_WINDOWS;
    const round = await inTurn(turn, (name) => part(name, rate));
    rounds.push(round);
    const { quizbell, echo } = round;
    progress(
      `  Round ${turn + 1} of ${count}: ${quizbell.result.cost.serverUs} µs, echo ${echo.result.cost.serverUs} µs; p99 ${quizbell.result.latency.p99} ms, echo ${echo.result.latency.p99} ms`,
    );
  }
  return { ramps, rate, rounds, others };
}

/** Of the saturation, or of the highest rate when there was none. */
function halfOf(ramps: readonly Ramp[]): number {
  const highest = Math.max(...ramps.flatMap(({ steps }) => steps.map(({ offered }) => offered)));
  return Math.round((saturationOf(ramps)?.tooMuch ?? highest) / 2);
}
