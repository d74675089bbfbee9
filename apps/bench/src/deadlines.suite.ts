import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type DeadlinesOptions, parseDeadlinesOptions } from './bench.options.js';
import { bullmqContestant } from './contestants/bullmq.contestant.js';
import type { Contestant } from './contestants/contestant.types.js';
import { quizbellContestant } from './contestants/quizbell.contestant.js';
import { runContest, WARM_UP_ROOMS } from './deadline.contest.js';
import {
  type ContestResult,
  contestResult,
  deadlinesResult,
  GOAL_RATIO,
  type RunResult,
  runResult,
  runTable,
  summary,
} from './deadlines.report.js';
import { commitName, machineFacts } from './machine.facts.js';
import { type BenchRedis, benchRedis } from './process/private.redis.js';
import { aborted, EXIT, progress, type Suite } from './suite.types.js';

const HELP = `Usage: npm run bench -- deadlines [options]

Rooms that are all due at the same instant: how late is each closing when a subscriber has it? Quizbell's scheduler
against BullMQ delayed jobs whose handler commits and publishes in the same script. Each contestant is a process of its
own and closes ${WARM_UP_ROOMS} rooms unmeasured first; BullMQ is measured with several concurrencies, the best of each run counts.
The median of the runs is told. Goal: our p99 is at most 1/${GOAL_RATIO} of BullMQ's.

  --rooms 1000             so many rooms
  --runs 5                 so many runs
  --concurrency 1,8,32,128 of BullMQ's worker
  --smoke                  100 rooms, 1 run, concurrency 8; times are not judged
  --json                   one JSON document on stdout, everything else on stderr
  --out FILE               writes that document to FILE too
  --profile DIR            a CPU profile of each contestant's process in DIR (it costs time)
  -h, --help               this text

Environment: REDIS_URL (redis:// or rediss://); without one a private redis-server is started and, at the end, removed.

Exit codes: 0 every room closed once and none early (whatever the times), 1 not so, 2 could not run.`;

/** `npm run bench -- deadlines`. */
export const deadlinesSuite: Suite = {
  summary: 'rooms that are all due at once, against BullMQ delayed jobs',
  help: HELP,
  async run(args, stop) {
    const options = parseDeadlinesOptions(args);
    const redis = await benchRedis(process.env);
    try {
      const result = await measure(options, args, redis, stop);
      const document = `${JSON.stringify(result, null, 2)}\n`;
      if (options.out !== undefined) {
        await mkdir(path.dirname(options.out), { recursive: true });
        await writeFile(options.out, document);
      }
      process.stdout.write(options.json ? document : `${tables(result.runs)}${summary(result)}\n`);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await redis.stop();
    }
  },
};

const tables = (runs: readonly RunResult[]): string =>
  runs.map((run, i) => `${runTable(run, `Run ${i + 1} of ${runs.length}`)}\n\n`).join('');

async function measure(
  options: DeadlinesOptions,
  args: readonly string[],
  redis: BenchRedis,
  stop: AbortSignal,
) {
  const machine = await machineFacts(redis.url);
  const commit = commitName();
  const measuredAt = new Date().toISOString();
  let contests = 0;
  const contest = async (contestant: Contestant): Promise<ContestResult> => {
    stop.throwIfAborted();
    const result = contestResult(
      contestant.name,
      await runContest(contestant, {
        url: redis.url,
        prefix: `bench-${process.pid}-${++contests}`,
        rooms: options.rooms,
        nodeArgs: options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`],
        aborted: aborted(stop),
      }),
    );
    progress(`  ${result.name}: p99 ${result.received.p99} ms`);
    return result;
  };
  const runs: RunResult[] = [];
  for (let run = 1; run <= options.runs; run++) {
    progress(`Run ${run} of ${options.runs}`);
    const quizbell = await contest(quizbellContestant);
    const bullmq: ContestResult[] = [];
    for (const concurrency of options.concurrencies)
      bullmq.push(await contest(bullmqContestant(concurrency)));
    runs.push(runResult(quizbell, bullmq));
  }
  const command = ['npm run bench -- deadlines', ...args].join(' ');
  const { rooms, isSmoke } = options;
  return deadlinesResult(runs, { measuredAt, commit, command, machine, rooms, isSmoke });
}
