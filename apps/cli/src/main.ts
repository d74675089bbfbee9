import { clusterCommand } from './cluster/cluster.command.js';
import { CannotRun, type Command, EXIT } from './command.types.js';
import { demoCommand } from './demo/demo.command.js';
import { doctorCommand } from './doctor/doctor.command.js';
import { drillCommand } from './drill/drill.command.js';
import { outcomesCommand } from './outcomes/outcomes.command.js';

const commands: Readonly<Record<string, Command>> = {
  cluster: clusterCommand,
  demo: demoCommand,
  doctor: doctorCommand,
  drill: drillCommand,
  outcomes: outcomesCommand,
};

const isHelp = (arg: string | undefined): boolean => arg === '--help' || arg === '-h';

function usage(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const rows = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: npm run <command> -- [options]\n\n${rows.join('\n')}\n\nnpm run <command> -- --help tells its options.`;
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (isHelp(name) || (name === 'help' && rest.length === 0)) {
    console.log(usage());
    return EXIT.good;
  }
  // Own properties only: `constructor` is no command.
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    console.error(name === undefined ? 'No command given.' : `There is no command "${name}".`);
    console.error(`\n${usage()}`);
    return EXIT.couldNotRun;
  }
  if (rest.some(isHelp)) {
    console.log(command.help);
    return EXIT.good;
  }
  try {
    return await command.run(rest);
  } catch (failure) {
    if (!(failure instanceof CannotRun)) throw failure;
    console.error(failure.message);
    return EXIT.couldNotRun;
  }
}

// The code is set, not `process.exit` called: what was written to a pipe gets out first.
process.exitCode = await main(process.argv.slice(2));
