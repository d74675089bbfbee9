import { writeResult } from '#libs/measuring';
import { createLogger, loadConfig, problemsOf } from '#libs/ops';
import { type OutcomeJob, OutcomeQueue, outcomeName } from '#libs/outcomes';
import { RedisBackend } from '#libs/redis-store';
import { CannotRun, type Command, EXIT } from '../command.types.js';
import { factsOfRun } from '../run.facts.js';
import { watchForStop } from '../signal.watch.js';
import { type OutageOptions, parseOutageOptions } from './outage.options.js';
import { runOutage } from './outage.run.js';
import { parseReplayOptions, type ReplayOptions } from './replay.options.js';

const HELP = `Usage: npm run outcomes -- replay [options]
       npm run outcomes -- outage [options]

replay sends outcomes to their webhooks again, or now if they wait for another try. The receiver gets them under the same ids as
before. A scheduler that has QUIZBELL_WEBHOOK_SECRET does the sending.

  --dead             those whose last try has failed, of all rooms or of one
  --room ID          every settled run of a room, delivered before or not
  --run N            with --room: only this run

outage starts a cluster on this machine, plays questions while the receiver of their outcomes is away, and waits for every
outcome, with the retries that are the default.

  --down 60          how long the receiver is away (s)
  --rooms 20         in how many rooms a question is played each second
  --out FILE         the JSON document also into a file, as those in docs/measurements
  --note TEXT        for the document: what else was going on

  --json             one JSON document on stdout, everything else on stderr
  -h, --help         this text

Environment of replay: REDIS_URL, QUIZBELL_KEY_PREFIX and QUIZBELL_SHARDS as the schedulers have them.

Exit codes: 0 done, 1 an outcome was lost or came wrong, 2 could not run, or knows no such room.`;

/** `npm run outcomes`: what operators do about deliveries. */
export const outcomesCommand: Command = {
  summary: 'sends outcomes to their webhooks again',
  help: HELP,
  async run(all) {
    const [action, ...args] = all;
    switch (action) {
      case 'replay':
        return replay(parseReplayOptions(args));
      case 'outage':
        return outage(parseOutageOptions(args), all);
      default:
        throw new CannotRun(`Say what to do with outcomes: replay or outage.\n\n${HELP}`);
    }
  },
};

async function replay(options: ReplayOptions): Promise<number> {
  const { backend, queue } = await connect();
  try {
    const runs = await runsOf(options, backend, queue);
    const sent: string[] = [];
    const waiting: string[] = [];
    for (const run of runs) ((await queue.replay(run)) ? sent : waiting).push(outcomeName(run));
    if (options.json) process.stdout.write(`${JSON.stringify({ sent, waiting })}\n`);
    else {
      for (const name of sent) console.log(`is sent again  ${name}`);
      for (const name of waiting) console.log(`is being sent  ${name}`);
      console.log(`${sent.length + waiting.length} outcomes`);
    }
    return EXIT.good;
  } finally {
    await queue.close();
    await backend.close();
  }
}

async function outage(options: OutageOptions, args: readonly string[]): Promise<number> {
  const facts = factsOfRun('outcomes', args, options.note);
  const stop = watchForStop();
  try {
    const report = await runOutage(options, (line) => process.stderr.write(`${line}\n`), stop.signal);
    const { runs, delivered, lost, lastAfterMs } = report;
    const document = { ...facts, ...report };
    if (options.out !== undefined) await writeResult(options.out, document);
    if (options.json) process.stdout.write(`${JSON.stringify(document)}\n`);
    else {
      console.log(
        `${delivered} of ${runs} outcomes arrived, the last ${lastAfterMs} ms after the receiver was back.`,
      );
      console.log(`lost ${lost.length}, with two bodies under one id ${report.conflicting.length}`);
    }
    return report.ok ? EXIT.good : EXIT.broken;
  } catch (failure) {
    if (stop.signal.aborted) throw new CannotRun('Ended before its end.', { cause: failure });
    throw failure;
  } finally {
    stop.dispose();
  }
}

async function runsOf(
  { roomId, runId, dead }: ReplayOptions,
  backend: RedisBackend,
  queue: OutcomeQueue,
): Promise<OutcomeJob[]> {
  const isMeant = (run: OutcomeJob) =>
    (roomId === undefined || run.roomId === roomId) && (runId === undefined || run.runId === runId);
  if (dead || roomId === undefined) return (await queue.dead()).filter(isMeant);
  const known = await backend.answers.runs(roomId);
  if (known === null) throw new CannotRun(`Nobody remembers a room ${roomId}.`);
  const settled = known.runs.filter(({ settledAt }) => settledAt !== null);
  const runs = settled.map((run) => ({ roomId, runId: run.runId })).filter(isMeant);
  if (runs.length === 0) throw new CannotRun('The room has no such run that is settled.');
  return runs;
}

/** @throws CannotRun for an environment or a Redis that cannot be used */
async function connect(): Promise<{ backend: RedisBackend; queue: OutcomeQueue }> {
  try {
    const { redis, rooms, webhooks } = loadConfig(process.env, 'scheduler');
    if (redis.url === undefined) throw new CannotRun('REDIS_URL is not set.');
    const backend = await RedisBackend.connect({
      ...redis,
      url: redis.url,
      retentionMs: rooms.retentionMs,
      processName: 'cli',
      logger: createLogger({ name: 'outcomes', level: 'silent' }),
    });
    const queue = new OutcomeQueue({
      commands: backend.queueConnections.commands,
      keyPrefix: redis.prefix,
      retry: webhooks,
      retentionMs: rooms.retentionMs,
      wantsEveryRun: false,
    });
    return { backend, queue };
  } catch (error) {
    const problems = problemsOf(error);
    if (problems === undefined) throw error;
    throw new CannotRun(problems.map((problem) => `- ${problem}`).join('\n'), { cause: error });
  }
}
