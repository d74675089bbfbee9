import { bullmqContestant } from './contestants/bullmq.contestant.js';
import type { Contestant, ContestantKind } from './contestants/contestant.types.js';
import { keyExpiryContestant } from './contestants/key-expiry.contestant.js';
import { quizbellContestant } from './contestants/quizbell.contestant.js';
import { zsetContestant } from './contestants/zset.contestant.js';
import { GATEWAYS, runContest, WARM_UP_ROOMS } from './deadline.contest.js';
import { DeadlineClients } from './deadlines.clients.js';
import { CONTESTANTS, type DeadlinesOptions, parseDeadlinesOptions } from './deadlines.options.js';
import {
  contestLine,
  deadlinesResult,
  deadlinesTables,
  type LoadResult,
  loadResult,
  type MeasuredContest,
  measuredContest,
} from './deadlines.report.js';
import { benchRedis } from './process/private.redis.js';
import { randomSeed, seeded } from './seeded.random.js';
import { runFacts, tell } from './suite.output.js';
import { aborted, EXIT, progress, type Suite } from './suite.types.js';

const HELP = `Usage: npm run bench -- deadlines [options]

How late is each closing, when a subscriber of Redis has it, and when a client has it that sits in the room behind one of ${GATEWAYS}
gateways? Always against the deadline that was set, so that waiting for one another hides nothing. In turn: quizbell (the
scheduler as it is deployed), bullmq (delayed jobs whose handler commits and publishes in the same script), key-expiry
(a process that does so when Redis tells that a key has expired) and zset (a script that only publishes what is due in one
sorted set: the limit). Each is a process of its own, with fresh keys, and closes ${WARM_UP_ROOMS} rooms unmeasured first; BullMQ is
measured with several concurrencies in each round, and the best of the round counts. The medians of the rounds are told, and how many times
ours everybody else's are.

  --loads 1000,10000,2000x5  rooms that are due at once, or <rooms per second>x<seconds>
  --contestants ${CONTESTANTS.join(',')}
  --rounds 5                 so many rounds
  --concurrency 1,8,32,128   of BullMQ's worker
  --clients 100              rooms that have a client
  --seed N                   the same rooms due at the same instants again
  --smoke                    100 rooms, 10 clients, 1 round, concurrency 8, no warm-up; times are not judged
  --json                     one JSON document on stdout, everything else on stderr
  --out FILE                 writes that document to FILE too
  --note TEXT                stands in that document: what else was going on
  --profile DIR              a CPU profile of each contestant's process in DIR (it costs time)
  -h, --help                 this text

Environment: REDIS_URL (redis:// or rediss://); without one a private redis-server is started and, at the end, removed.
key-expiry sets its notify-keyspace-events, and sets it back.

Exit codes: 0 every room closed once and none early (whatever the times; key-expiry events may get lost), 1 not so,
2 could not run.`;

/** `npm run bench -- deadlines`. */
export const deadlinesSuite: Suite = {
  summary: 'how late closings are, against BullMQ delayed jobs, key-expiry events, and the limit',
  help: HELP,
  async run(args, stop) {
    const options = parseDeadlinesOptions(args, randomSeed());
    const redis = await benchRedis(process.env);
    const clients = new DeadlineClients();
    try {
      const facts = await runFacts('deadlines', args, redis.url, options.note);
      const loads = await measure(options, redis.url, clients, stop);
      const { seed, clients: clientRooms } = options;
      const result = deadlinesResult(loads, { ...facts, seed, gateways: GATEWAYS, clients: clientRooms });
      await tell(result, deadlinesTables(result), options);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await clients.stop();
      await redis.stop();
    }
  },
};

function contestantsOf(kind: ContestantKind, { concurrencies }: DeadlinesOptions): readonly Contestant[] {
  switch (kind) {
    case 'quizbell':
      return [quizbellContestant];
    case 'bullmq':
      return concurrencies.map(bullmqContestant);
    case 'key-expiry':
      return [keyExpiryContestant];
    case 'zset':
      return [zsetContestant];
    default:
      return kind satisfies never;
  }
}

async function measure(
  options: DeadlinesOptions,
  redisUrl: string,
  clients: DeadlineClients,
  stop: AbortSignal,
): Promise<LoadResult[]> {
  const { loads, rounds, isSmoke, profile, seed } = options;
  const contestants = options.contestants.flatMap((kind) => contestantsOf(kind, options));
  const measured: MeasuredContest[][][] = loads.map(() => []);
  let contests = 0;
  for (let round = 0; round < rounds; round++) {
    progress(`Round ${round + 1} of ${rounds}`);
    for (const byRound of measured) byRound.push([]);
    // Another one begins each round, so that nobody always has the machine as the others left it.
    const first = round % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      stop.throwIfAborted();
      const reports = await runContest(contestant, {
        url: redisUrl,
        prefix: `bench-${process.pid}-${++contests}`,
        loads,
        isSmoke,
        clients,
        clientRooms: options.clients,
        random: seeded(seed + round), // the same for all of a round
        nodeArgs: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
        aborted: aborted(stop),
      });
      for (const [i, report] of reports.entries()) {
        const contest = measuredContest(contestant, report);
        measured[i]?.[round]?.push(contest);
        progress(`${loads[i]?.name.padStart(8)}${contestLine(contest)}`);
      }
    }
  }
  return loads.map((load, i) => loadResult(load, inOrder(measured[i] ?? [], contestants), isSmoke));
}

/** As in the first round, whoever began. */
function inOrder(
  rounds: readonly (readonly MeasuredContest[])[],
  contestants: readonly Contestant[],
): MeasuredContest[][] {
  const names = contestants.map(({ name }) => name);
  return rounds.map((round) => round.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name)));
}
