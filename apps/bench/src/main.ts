import { accuracySuite } from './accuracy/accuracy.suite.js';
import { answersSuite } from './answers/answers.suite.js';
import { burstSuite } from './burst/burst.suite.js';
import { capacitySuite } from './capacity/capacity.suite.js';
import { deadlinesSuite } from './deadlines.suite.js';
import { fanoutSuite } from './fanout/fanout.suite.js';
import { hostileSuite } from './hostile/hostile.suite.js';
import { isolationSuite } from './isolation/isolation.suite.js';
import { playerSuite } from './player/player.suite.js';
import { roomsSuite } from './rooms/rooms.suite.js';
import { stallSuite } from './stall/stall.suite.js';
import { startSuite } from './start/start.suite.js';
import { CannotRun, EXIT, type Suite } from './suite.types.js';
import { ticksSuite } from './ticks/ticks.suite.js';

const suites: Readonly<Record<string, Suite>> = {
  deadlines: deadlinesSuite,
  ticks: ticksSuite,
  fanout: fanoutSuite,
  isolation: isolationSuite,
  answers: answersSuite,
  player: playerSuite,
  rooms: roomsSuite,
  start: startSuite,
  capacity: capacitySuite,
  accuracy: accuracySuite,
  burst: burstSuite,
  stall: stallSuite,
  hostile: hostileSuite,
};

const isHelp = (arg: string | undefined): boolean => arg === '--help' || arg === '-h';

function usage(): string {
  const width = Math.max(...Object.keys(suites).map((name) => name.length));
  const rows = Object.entries(suites).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: npm run bench -- <suite> [options]\n\n${rows.join('\n')}\n\nnpm run bench -- <suite> --help tells its options.`;
}

/** Aborted by the first signal; the suite then ends what it started. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => controller.abort(new CannotRun(`Stopped by ${name}.`)));
  }
  return controller.signal;
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (isHelp(name)) {
    console.log(usage());
    return EXIT.good;
  }
  // Own properties only: `constructor` is no suite.
  const suite = name !== undefined && Object.hasOwn(suites, name) ? suites[name] : undefined;
  if (suite === undefined) {
    console.error(name === undefined ? 'No suite given.' : `There is no suite "${name}".`);
    console.error(`\n${usage()}`);
    return EXIT.couldNotRun;
  }
  if (rest.some(isHelp)) {
    console.log(suite.help);
    return EXIT.good;
  }
  try {
    return await suite.run(rest, stopSignal());
  } catch (failure) {
    console.error(failure instanceof CannotRun ? failure.message : failure);
    return EXIT.couldNotRun;
  }
}

// Node's own code for it is 1, which says that a promise was broken.
process.on('uncaughtException', (failure) => {
  console.error(failure);
  process.exit(EXIT.couldNotRun);
});
// The code is set, not `process.exit` called: what was written to a pipe gets out first.
process.exitCode = await main(process.argv.slice(2));
