import { type BenchCluster, type BenchGateway, startCluster } from '../cluster/bench.cluster.js';
import { RoomHost } from '../cluster/room.host.js';
import { planAnswers } from '../players/answer.schedule.js';
import { Crowd } from '../players/crowd.js';
import { benchRedis } from '../process/private.redis.js';
import { runFacts, tell } from '../suite.output.js';
import { aborted, CannotRun, EXIT, progress, type Suite } from '../suite.types.js';
import { checkStall, marginOf, type StallReport, stallLeads } from './stall.checks.js';
import { parseStallOptions, type StallOptions } from './stall.options.js';
import { isTried, stallResult, stallTable } from './stall.report.js';
import { StalledGateway } from './stalled.gateway.js';

const GATEWAYS = 2;
/** Answers are sent in so long before the deadline. */
const LAST_MS = 40;
const DURATION_MS = 1_000;
/** A question that nobody has stalled: what is compiled in it would make the first stall longer. */
const WARM_UP_QUESTIONS = 1;
/** So many questions more when no answer met the stall, which a machine that stands still can delay like everything else. */
const MORE_QUESTIONS = 10;

const HELP = `Usage: npm run bench -- stall [options]

One of ${GATEWAYS} gateways is stopped (SIGSTOP) around the deadline of a question, while players send answers through
it in the last ${LAST_MS} ms. Every answer that was handed over before the deadline, by the few milliseconds that cannot be told
from late, must be accepted and be in the outcome, although the gateway reads it after the deadline. The deadline falls
into another part of the stall each time.

  --players 200            so many players, all at the gateway that is stopped
  --questions 20           so many times
  --stall-ms 30            so long; 0 for no stall, to compare with
  --smoke                  100 players, 3 questions; allows for the delays of a machine that others use
  --json                   one JSON document on stdout, everything else on stderr
  --out FILE               writes that document to FILE too
  --note TEXT              stands in that document: what else was going on
  -h, --help               this text

Environment: REDIS_URL (redis:// or rediss://); without one a private redis-server is started and, at the end, removed.

Exit codes: 0 no answer in time was refused or is missing, 1 not so, 2 could not run.`;

/** `npm run bench -- stall`. */
export const stallSuite: Suite = {
  summary: 'answers in time through a gateway that is stopped at the deadline',
  help: HELP,
  async run(args, stop) {
    const options = parseStallOptions(args);
    const redis = await benchRedis(process.env);
    try {
      const facts = await runFacts('stall', args, redis.url, options.note);
      const cluster = await startCluster({
        redisUrl: redis.url,
        prefix: `bench-${process.pid}`,
        gateways: GATEWAYS,
      });
      const [, gateway] = cluster.gateways;
      if (gateway === undefined) throw new RangeError('too few gateways');
      const crowd = new Crowd([gateway.url], options.players);
      let questions: StallReport[];
      try {
        const played = playQuestions(cluster, gateway, crowd, options);
        questions = await Promise.race([played, cluster.died, aborted(stop)]);
      } finally {
        await crowd.stop();
        await cluster.stop();
      }
      const { players, stallMs } = options;
      const result = stallResult(questions, { ...facts, players, stallMs });
      await tell(result, stallTable(result), options);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await redis.stop();
    }
  },
};

async function playQuestions(
  { gateways, apiKey }: BenchCluster,
  gateway: BenchGateway,
  crowd: Crowd,
  { players, questions, stallMs, isSmoke }: StallOptions,
): Promise<StallReport[]> {
  // The host uses the other gateway, which nobody stops.
  const host = await RoomHost.createRoom(gateways[0]?.url ?? '', apiKey);
  await crowd.join(host.pin);
  const stalled = await StalledGateway.connect(gateway);
  const play = async (questionId: string, leadMs: number, lengthMs: number): Promise<StallReport> => {
    const marginMs = marginOf(await crowd.sync(), isSmoke);
    await stalled.sync();
    const question = await host.start({ questionId, durationMs: DURATION_MS, leadInMs: 0, tickMs: 0 });
    const { endsAt } = question;
    const plan = {
      players,
      processes: crowd.processes,
      fromAt: endsAt - LAST_MS,
      untilAt: endsAt,
      label: questionId,
    };
    const [answers, stall] = await Promise.all([
      crowd.answer(question, planAnswers(plan)),
      stalled.stall(endsAt - leadMs, lengthMs),
    ]);
    const outcome = await host.outcome(question);
    if (outcome.endsAt !== endsAt) throw new CannotRun('The deadline of a question was moved.');
    return checkStall(answers, endsAt, outcome.answers, stall, marginMs);
  };
  try {
    for (let i = 0; i < WARM_UP_QUESTIONS; i++) await play(`warm-up-${i}`, 0, 0);
    const reports: StallReport[] = [];
    const leads = stallLeads(questions, stallMs);
    const [longest = 0] = leads;
    for (let i = 0; i < questions + MORE_QUESTIONS; i++) {
      if (i >= questions && isTried(reports, stallMs)) break;
      const leadMs = leads[i] ?? longest;
      const report = await play(`q${i + 1}`, leadMs, stallMs);
      progress(
        `  Question ${i + 1} of ${Math.max(questions, i + 1)}: ${report.inTime} in time, ${report.refused} refused, ${report.missing} missing`,
      );
      reports.push(report);
    }
    return reports;
  } finally {
    stalled.close();
  }
}
