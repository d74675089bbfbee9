import { type Config, ConfigurationError, loadConfig, type ProcessRole, secretFingerprints } from '#libs/ops';
import { inspectDeployment } from '#libs/redis-store';
import { CannotRun, type Command, EXIT } from '../command.types.js';
import { type Check, check } from './check.types.js';
import { type DoctorOptions, parseDoctorOptions } from './doctor.options.js';
import { type DoctorReport, makeReport, renderReport } from './doctor.report.js';
import { gatewayChecks } from './gateway.checks.js';
import { installationChecks } from './installation.checks.js';
import { openFilesCheck } from './machine.checks.js';
import { contactChecks, redisChecks } from './redis.checks.js';

const HELP = `Usage: npm run doctor -- [options]

Checks a deployment and says what to do. It reads the environment that the processes read (REDIS_URL, QUIZBELL_KEY_PREFIX,
QUIZBELL_SHARDS, ...), looks at Redis and at what gateways and schedulers have laid down there, and writes nothing.

  --url URL          also ask this gateway or load balancer; may be given several times. With two or more a room is made
                     at the first, shown to the others, and closed again
  --api-key KEY      for making that room (or QUIZBELL_API_KEY)
  --json             one JSON document on stdout: { ok, checks: [{ id, ok, status, found, wanted, advice }] }
  -h, --help         this text

Exit codes: 0 nothing is wrong, 1 something is, 2 could not run.`;

const CONNECT_WITHIN_MS = 5_000;
const COLUMNS = 120;

/** `npm run doctor`: what is wrong with a deployment, and what to do. */
export const doctorCommand: Command = {
  summary: 'checks a deployment and says what to do',
  help: HELP,
  async run(args) {
    const options = parseDoctorOptions(args, process.env);
    try {
      const report = await examine(options, process.env);
      if (options.json) console.log(JSON.stringify(report));
      else console.log(rendered(report));
      return report.ok ? EXIT.good : EXIT.broken;
    } catch (failure) {
      // Whoever reads stdout by a program gets a document in any case.
      if (options.json && failure instanceof CannotRun) {
        console.log(JSON.stringify({ ok: false, checks: [], error: failure.message }));
      }
      throw failure;
    }
  },
};

function rendered(report: DoctorReport): string {
  const { isTTY, columns = COLUMNS } = process.stdout;
  return renderReport(report, { columns, isColoured: isTTY && process.env.NO_COLOR === undefined });
}

async function examine(options: DoctorOptions, env: NodeJS.ProcessEnv): Promise<DoctorReport> {
  if (!env.REDIS_URL) {
    throw new CannotRun(
      'REDIS_URL is not set: there is no deployment to look at. Give it, and what else the processes are given:\n' +
        '  REDIS_URL=redis://... npm run doctor\n' +
        '  node --env-file=.env dist/apps/cli/src/main.js doctor',
    );
  }
  const configuration = configurationCheck(env);
  const gateways = gatewayChecks(options.urls, options.apiKey);
  const config = load(env, 'scheduler');
  // Of a configuration that cannot be read nothing follows but what is wrong with it.
  const checks = config instanceof ConfigurationError ? [] : await deploymentChecks(config, env);
  return makeReport([configuration, ...checks, ...(await gateways)]);
}

async function deploymentChecks(config: Config, env: NodeJS.ProcessEnv): Promise<Check[]> {
  const { prefix, shards, timeoutMs, url = '' } = config.redis;
  const facts = await inspectDeployment({
    url,
    prefix,
    shards,
    timeoutMs,
    connectWithinMs: CONNECT_WITHIN_MS,
  });
  const contact = contactChecks(facts.refusal, /^[^/]+:\/\/[^/@]*:[^/@]+@/.test(url));
  if (facts.refusal !== undefined) return contact;
  const edge = load(env, 'gateway');
  const own = edge instanceof ConfigurationError || !env.QUIZBELL_SECRET ? [] : edge.access.secrets;
  return [
    ...contact,
    ...redisChecks(facts.servers),
    ...installationChecks(facts.installation, { prefix, shards, secrets: secretFingerprints(own, prefix) }),
    openFilesCheck(config.limits.maxConnections),
  ];
}

function load(env: NodeJS.ProcessEnv, role: ProcessRole): Config | ConfigurationError {
  try {
    return loadConfig(env, role);
  } catch (failure) {
    if (failure instanceof ConfigurationError) return failure;
    throw failure;
  }
}

/** As a gateway would read it where there is a secret here, else as a scheduler does, which needs none. */
function configurationCheck(env: NodeJS.ProcessEnv): Check {
  const role = env.QUIZBELL_SECRET ? 'gateway' : 'scheduler';
  const config = load(env, role);
  const wanted = `what a ${role} accepts`;
  return config instanceof ConfigurationError
    ? check('configuration', {
        status: 'wrong',
        found: config.problems.join(' '),
        wanted,
        advice: 'A process with this environment refuses to start. All variables: docs/configuration.md.',
      })
    : check('configuration', { status: 'good', found: `a ${role} accepts it`, wanted });
}
