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

/** What docker-compose.yml falls back on; an API key it has none of. */
const DEVELOPMENT = {
  QUIZBELL_SECRET: 'insecure-development-secret-that-everybody-knows',
  QUIZBELL_API_KEYS: undefined,
  REDIS_PASSWORD: 'insecure-development-password',
  REDIS_URL: 'redis://:insecure-development-password@redis:6379',
};

/** The variables of production that somebody has set: who does means it to be one, also where NODE_ENV was forgotten. */
const saidOfProduction = (env) =>
  Object.entries(DEVELOPMENT)
    .filter(([name, known]) => env[name] && env[name] !== known)
    .map(([name]) => name);

function chooseMode(env) {
  const said = saidOfProduction(env);
  if (!env.NODE_ENV && said.length > 0) {
    env.NODE_ENV = 'production';
    console.error(
      `NODE_ENV is not set, unlike ${said.join(', ')}: the rules of production hold. (NODE_ENV=development says otherwise.)`,
    );
  }
  if (env.NODE_ENV !== 'production') console.error(framed(WARNING));
}

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
  chooseMode(process.env);
  await import(`./dist/apps/${name}/src/main.js`);
} else {
  // The code is set, not `process.exit` called: what was written to a pipe gets out first.
  process.exitCode = await runTool(name, args);
}
