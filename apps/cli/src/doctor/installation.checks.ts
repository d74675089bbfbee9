import type { InstallationFacts, LivingProcess } from '#libs/redis-store';
import { type Check, check } from './check.types.js';

/** What the environment that `doctor` was given says. */
export interface ExpectedInstallation {
  readonly prefix: string;
  readonly shards: number;
  /** Names of the secrets, the one that signs first; empty where none is set here. */
  readonly secrets: readonly string[];
}

/** Two neighbouring releases can run together; three cannot. */
const RELEASES_TOGETHER = 2;
const SHOWN = 10;

/** Every check of what the processes of an installation have laid down in Redis. */
export function installationChecks(facts: InstallationFacts | string, here: ExpectedInstallation): Check[] {
  if (typeof facts === 'string') {
    return [
      check('installation', {
        status: 'unknown',
        found: facts,
        wanted: `the keys of ${here.prefix} can be read`,
        advice: 'Shards, schedulers, gateways and secrets could not be checked.',
      }),
    ];
  }
  const { processes } = facts;
  const gateways = processes.filter((process) => process.isGateway);
  return [
    shards(facts, here),
    schedulers(processes.filter((process) => process.isScheduler)),
    owners(facts),
    gatewayCount(gateways),
    releases(processes),
    secrets(gateways),
    ...(here.secrets.length > 0 && gateways.length > 0 ? [ownSecret(gateways, here)] : []),
  ];
}

/** `Map.groupBy`, which Node 20 lacks. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

const names = (processes: readonly LivingProcess[]): string => processes.map(({ id }) => id).join(', ');

function shards(
  { shards: kept }: InstallationFacts,
  { shards: wanted, prefix }: ExpectedInstallation,
): Check {
  if (kept === undefined) {
    return check('shards', {
      status: 'info',
      found: `nothing under ${prefix} yet`,
      wanted: `${wanted}`,
      advice: `The first process that starts fixes the number at ${wanted}. Is QUIZBELL_KEY_PREFIX right?`,
    });
  }
  return kept === wanted
    ? check('shards', { status: 'good', found: `${kept}`, wanted: `${wanted}` })
    : check('shards', {
        status: 'wrong',
        found: `${kept}`,
        wanted: `${wanted}, as QUIZBELL_SHARDS says here`,
        advice: `The number is fixed at the first start; a process with another one refuses to start. Set QUIZBELL_SHARDS=${kept} everywhere, or begin anew under another QUIZBELL_KEY_PREFIX.`,
      });
}

function schedulers(living: readonly LivingProcess[]): Check {
  const wanted = 'two or more: one may die';
  if (living.length === 0) {
    return check('schedulers', {
      status: 'wrong',
      found: 'none is alive',
      wanted,
      advice:
        'Nothing closes a question. Start one: npm run start:scheduler, or docker compose up -d scheduler.',
    });
  }
  const found = `${living.length}: ${names(living)}`;
  return living.length > 1
    ? check('schedulers', { status: 'good', found, wanted })
    : check('schedulers', {
        status: 'warning',
        found,
        wanted,
        advice: 'There is no standby: when it dies, no question closes until it is back. Start a second one.',
      });
}

function owners({ ownerlessShards: free, shards: count }: InstallationFacts): Check {
  const wanted = 'every shard has an owner';
  if (free.length === 0) return check('shard-owners', { status: 'good', found: wanted, wanted });
  const shown = free.slice(0, SHOWN).join(', ');
  return check('shard-owners', {
    status: 'wrong',
    found: `${free.length}${count === undefined ? '' : ` of ${count}`} without: ${shown}${free.length > SHOWN ? ', ...' : ''}`,
    wanted,
    advice:
      'Their questions do not close. After the death of a scheduler this lasts up to 1.4 s: ask again. If it stays, look at the logs of the schedulers, and whether all of them reach this Redis.',
  });
}

function gatewayCount(living: readonly LivingProcess[]): Check {
  const wanted = 'two or more: one may die';
  if (living.length === 0) {
    return check('gateways', {
      status: 'wrong',
      found: 'none is alive',
      wanted,
      advice:
        'Nobody can connect. Start one: npm run start:gateway, or docker compose up -d gateway. If one runs, it has another REDIS_URL or QUIZBELL_KEY_PREFIX.',
    });
  }
  const found = `${living.length}: ${names(living)}`;
  return living.length > 1
    ? check('gateways', { status: 'good', found, wanted })
    : check('gateways', {
        status: 'warning',
        found,
        wanted,
        advice:
          'When it dies, nobody can connect until it is back. Start a second one behind a load balancer.',
      });
}

function releases(living: readonly LivingProcess[]): Check {
  const wanted = 'one release';
  const known = groupBy(living, ({ release }) => release ?? 'unknown');
  const found = [...known].map(([release, of]) => `${release} (${of.length})`).join(', ');
  if (known.size === 0) return check('releases', { status: 'info', found: 'nobody is alive', wanted });
  if (known.has('unknown')) {
    return check('releases', {
      status: 'unknown',
      found,
      wanted,
      advice: `These do not tell their release: ${names(known.get('unknown') ?? [])}.`,
    });
  }
  if (known.size === 1) return check('releases', { status: 'good', found, wanted });
  return check('releases', {
    status: known.size > RELEASES_TOGETHER ? 'wrong' : 'warning',
    found,
    wanted,
    advice:
      'Two neighbouring releases can run together, as they do during an update; more cannot. Finish the update: docs/operating.md.',
  });
}

/** A token of any gateway must be good at every other one. */
function secrets(gateways: readonly LivingProcess[]): Check {
  const wanted = 'the same for all gateways';
  if (gateways.length === 0)
    return check('secrets', { status: 'info', found: 'no gateway is alive', wanted });
  const silent = gateways.filter((gateway) => gateway.secrets.length === 0);
  if (silent.length > 0) {
    return check('secrets', {
      status: 'unknown',
      found: `not told by ${names(silent)}`,
      wanted,
      advice:
        'A gateway tells the name of its secret a moment after its start; one of another release may not.',
    });
  }
  const signing = groupBy(gateways, (gateway) => gateway.secrets[0] ?? '');
  const found = [...signing].map(([name, of]) => `${name} signs at ${names(of)}`).join('; ');
  const strangers = gateways.filter((gateway) =>
    [...signing.keys()].some((name) => !gateway.secrets.includes(name)),
  );
  if (strangers.length > 0) {
    return check('secrets', {
      status: 'wrong',
      found,
      wanted,
      advice: `${names(strangers)} refuse tokens of others: who reconnects there is told unauthorized. Give all gateways the same QUIZBELL_SECRET and restart those; to change it, see "Secrets" in docs/operating.md. (Shown are names made from the secrets, not the secrets.)`,
    });
  }
  const isRotating = new Set(gateways.map((gateway) => gateway.secrets.join())).size > 1;
  return check('secrets', {
    status: isRotating ? 'info' : 'good',
    found,
    wanted,
    ...(isRotating
      ? { advice: 'A rotation is under way: every gateway knows what the others sign with.' }
      : {}),
  });
}

function ownSecret(gateways: readonly LivingProcess[], { secrets: own }: ExpectedInstallation): Check {
  const wanted = 'the one of the gateways';
  const known = gateways.filter((gateway) => gateway.secrets.length > 0);
  const matches = known.every(
    ({ secrets: theirs }) => own.includes(theirs[0] ?? '') && theirs.includes(own[0] ?? ''),
  );
  return matches
    ? check('secret-here', { status: 'good', found: `${own[0]}`, wanted })
    : check('secret-here', {
        status: 'warning',
        found: `QUIZBELL_SECRET here is another one (${own[0]})`,
        wanted,
        advice: 'A gateway that is started with this environment would refuse the tokens of those that run.',
      });
}
