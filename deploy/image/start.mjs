// What the image runs: `gateway`, `scheduler` or `standalone`, or a tool for operators with its options (`demo --help`).
// Exit 2 when there is no such command.
import { existsSync } from 'node:fs';
import path from 'node:path';

const SERVERS = ['gateway', 'scheduler', 'standalone'];

const WARNING = [
  'WARNING: Quizbell runs in development mode.',
  'Its secrets are known to everybody who has read docker-compose.yml, and without',
  'QUIZBELL_API_KEYS anyone may create rooms. Never let strangers reach it like this.',
  'For production put into the file .env, beside docker-compose.yml:',
  '  NODE_ENV=production',
  '  QUIZBELL_SECRET=...      openssl rand -base64 32',
  '  QUIZBELL_API_KEYS=...    openssl rand -hex 24',
  '  REDIS_PASSWORD=...       openssl rand -hex 24',
];

function framed(lines) {
  const width = Math.max(...lines.map((line) => line.length));
  const edge = '!'.repeat(width + 6);
  return [edge, ...lines.map((line) => `!! ${line.padEnd(width)} !!`), edge].join('\n');
}

/** As the command line of a checkout does it, of whose commands some need development packages. */
async function runTool(name, args) {
  const tools = path.join(import.meta.dirname, 'dist/apps/cli/src');
  const file = path.join(tools, name, `${name}.command.js`);
  const { CannotRun, EXIT } = await import(path.join(tools, 'command.types.js'));
  if (!/^[a-z]+$/.test(name) || !existsSync(file)) {
    console.error(`There is no command "${name}".`);
    return EXIT.couldNotRun;
  }
  const command = (await import(file))[`${name}Command`];
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    console.log(command.help);
    return EXIT.good;
  }
  try {
    return await command.run(args);
  } catch (failure) {
    if (!(failure instanceof CannotRun)) throw failure;
    console.error(failure.message);
    return EXIT.couldNotRun;
  }
}

const [name = 'standalone', ...args] = process.argv.slice(2);
if (SERVERS.includes(name)) {
  if (process.env.NODE_ENV !== 'production') console.error(framed(WARNING));
  await import(`./dist/apps/${name}/src/main.js`);
} else {
  // The code is set, not `process.exit` called: what was written to a pipe gets out first.
  process.exitCode = await runTool(name, args);
}
