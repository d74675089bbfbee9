// Replaces every gateway and scheduler of a stack of its own, again and again, while rooms are live, and counts what
// players missed. The figures are in docs/operating.md.
//
//   usage: npm run drill:rolling -- [--times 5] [--rooms 3] [--players 50] [--out FILE] [--note TEXT]
//   One JSON document on stdout, and in the file, as those in docs/measurements.
//   Exit 0 nothing was lost, 1 something was, 2 it could not run.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { loadNow, machineFacts, redisVersionIn, runFacts, writeResult } from '#libs/measuring';
import { docker, dockerProblem, ROOT, Stack } from './stack.mjs';

const GATEWAYS = 3;
const QUESTION_S = 4;
/** Together longer than an update takes; when it has ended, the demos play on to their end. */
const QUESTIONS = 10;
/** The demo extends its second question, and while its host is away, that can come too late for it. */
const FROM_QUESTION = 3;

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '5' },
    rooms: { type: 'string', default: '3' },
    players: { type: 'string', default: '50' },
    out: { type: 'string' },
    note: { type: 'string' },
  },
});
const load = loadNow();

const problem = dockerProblem();
if (problem !== undefined) {
  console.error(`The drill cannot run: ${problem}.`);
  process.exit(2);
}

const sum = (reports, name) => reports.reduce((total, report) => total + (report[name] ?? 0), 0);

function update({ options, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn('deploy/rolling-update.sh', ['--json', ...options], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let document = '';
    child.stdout.on('data', (chunk) => {
      document += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(document)) : reject(new Error(`rolling-update.sh ended with ${code}`)),
    );
  });
}

/** One update with live rooms; its figures. */
async function round(stack, number) {
  const demos = Array.from({ length: Number(values.rooms) }, () =>
    stack.demo('--questions', `${QUESTIONS}`, '--seconds', `${QUESTION_S}`, '--players', values.players),
  );
  await Promise.all(demos.map((demo) => demo.untilOpen(FROM_QUESTION)));
  let live = demos.length;
  for (const demo of demos) void demo.report.then(() => (live -= 1));
  const startedAt = performance.now();
  const { services } = await update(stack);
  const tookS = Math.round((performance.now() - startedAt) / 1_000);
  const liveAtTheEnd = live;
  const reports = await Promise.all(demos.map((demo) => demo.report));
  const replaced = Object.fromEntries(services.map(({ service, replaced }) => [service, replaced]));
  return {
    round: number,
    seconds: tookS,
    replaced,
    roomsLiveAtTheEnd: liveAtTheEnd,
    questions: sum(reports, 'questions'),
    moved: sum(reports, 'drops'),
    cameBack: sum(reports, 'rejoins'),
    missed: sum(reports, 'missed'),
    doubled: sum(reports, 'doubled'),
    overdue: sum(reports, 'overdue'),
    early: sum(reports, 'early'),
    outOfOrder: sum(reports, 'outOfOrder'),
    answersWrong: reports.reduce((total, { answers }) => total + (answers?.wrong ?? 0), 0),
    latenessMaxMs: Math.max(...reports.map(({ expiryLatenessMs }) => expiryLatenessMs?.max ?? 0)),
    ticksMissing: reports.reduce(
      (total, { ticks }) => total + (ticks?.expected ?? 0) - (ticks?.received ?? 0),
      0,
    ),
    findings: reports.flatMap(({ findings, error }) => findings ?? [error]),
    ok: reports.every(({ ok }) => ok),
  };
}

const stack = Stack.make('drill');
const rounds = [];
let facts = {};
try {
  await stack.compose('build');
  await stack.up('--scale', `gateway=${GATEWAYS}`);
  const [redis] = await stack.containersOf('redis');
  const version = redisVersionIn(await docker('exec', redis, 'redis-server', '--version'));
  const about = { machine: machineFacts(version, load), note: values.note };
  facts = runFacts('npm run drill:rolling --', process.argv.slice(2), about);
  for (let number = 1; number <= Number(values.times); number += 1) {
    rounds.push(await round(stack, number));
    console.error(JSON.stringify(rounds.at(-1)));
  }
} finally {
  await stack.remove();
}
const ok = rounds.every((one) => one.ok && one.roomsLiveAtTheEnd > 0);
const lost = sum(rounds, 'missed') + sum(rounds, 'doubled') + sum(rounds, 'overdue');
const about = {
  gateways: GATEWAYS,
  schedulers: 2,
  rooms: Number(values.rooms),
  players: Number(values.players),
};
const document = { ...facts, ok, lost, ...about, rounds };
if (values.out !== undefined) await writeResult(values.out, document);
console.log(JSON.stringify(document, null, 2));
process.exitCode = ok && lost === 0 ? 0 : 1;
