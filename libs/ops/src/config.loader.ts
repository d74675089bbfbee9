import { randomBytes } from 'node:crypto';
import { type Environment, environmentSchema, type Rate, type TrustProxy } from './config.schema.js';
import { ConfigurationError } from './configuration.error.js';
import { webhookProblemOf } from './public.address.js';
import { placeholderIn, weaknessOf } from './secret.rules.js';

/** What the process is; it decides which variables must be there. */
export type ProcessRole = 'gateway' | 'scheduler' | 'standalone';

/** The configuration of a process. Frozen, read once at its start. All `...Ms` are integer milliseconds. */
export interface Config {
  readonly role: ProcessRole;
  readonly isProduction: boolean;
  readonly http: {
    readonly host: string;
    /** 0 takes a free one. */
    readonly port: number;
    /** Origins that browsers may come from; undefined lets every origin in, as `['*']` does. */
    readonly origins: readonly string[] | undefined;
    /** As Express' setting `trust proxy`. */
    readonly trustProxy: TrustProxy;
    /** Whether the pages for hosts, players and screens are served. */
    readonly hasPages: boolean;
    /** A gateway that stops gives its clients so long to go elsewhere. */
    readonly drainMs: number;
  };
  /** Where health and metrics answer; undefined: nowhere of their own. 0 takes a free port. */
  readonly opsPort: number | undefined;
  /** How long after the last audit of a shard the next begins (ms). */
  readonly auditEveryMs: number;
  readonly redis: {
    /** Undefined only in the embedded process. */
    readonly url: string | undefined;
    /** Before every key, channel and queue. */
    readonly prefix: string;
    readonly shards: number;
    /** A command without an answer for so long is `unavailable`. */
    readonly timeoutMs: number;
  };
  readonly access: {
    /** Secrets of tokens: the first signs, all verify. Empty in a scheduler, which sees no token. */
    readonly secrets: readonly string[];
    /** Of a scheduler only for the board of its outcomes. */
    readonly apiKeys: readonly string[];
    /** `keys`: by API key only. `open`: by anybody (development). `limited`: by anybody, rate-limited per address. */
    readonly createRooms: 'keys' | 'open' | 'limited';
  };
  /** The tutorial's clients, in the default namespace. */
  readonly tutorial: {
    readonly isOn: boolean;
    /** Any of them verifies a user's token. None: tokens are not verified. */
    readonly secrets: readonly string[];
  };
  readonly rooms: {
    /** For rooms whose settings do not say. */
    readonly idleMs: number;
    /** The most that a room's own setting may ask for. */
    readonly maxPlayers: number;
    /** Of the whole service; the same in all its processes. */
    readonly maxRooms: number;
    /** How long outcomes of a closed room stay. */
    readonly retentionMs: number;
  };
  /** What clients may ask of the service; null for no limit. */
  readonly limits: {
    /** Over all gateways, by address; `wrong_pins_overall` over all addresses. */
    readonly shared: {
      readonly connections: Rate | null;
      readonly joins: Rate | null;
      readonly rooms: Rate | null;
      readonly rest: Rate | null;
      readonly wrong_pins: Rate | null;
      readonly wrong_pins_overall: Rate | null;
    };
    /** Of one connection. */
    readonly events: Rate | null;
    /** Of this gateway. */
    readonly maxConnections: number;
    readonly maxConnectionsPerAddress: number;
    /** A connection for which more waits to be sent is ended. */
    readonly maxBufferBytes: number;
  };
  /** How outcomes are sent. */
  readonly webhooks: {
    /** For rooms that have no webhook of their own; undefined: theirs are sent to nobody. */
    readonly url: string | undefined;
    /** All of them sign. None: no webhooks, and no room may have one. */
    readonly secrets: readonly string[];
    /** A receiver must have answered within this time. */
    readonly timeoutMs: number;
    /** How often a delivery is tried. */
    readonly attempts: number;
    /** The pause after the first failed try, doubled with each further one up to the longest. */
    readonly retryMs: number;
    readonly retryMaxMs: number;
    /** Whether addresses of internal networks may be asked, and plain http. */
    readonly allowPrivate: boolean;
  };
  readonly log: { readonly level: Environment['LOG_LEVEL'] };
  /** Where spans go is OpenTelemetry's own environment. */
  readonly traces: {
    readonly isOn: boolean;
    /** The part of all runs that is traced, 0 to 1; the same in all processes. */
    readonly ratio: number;
  };
  /** What was made up because nothing was said; for the operator to read at the start. */
  readonly notices: readonly string[];
}

const MIN_SECRET_LENGTH = 16;
const MIN_PRODUCTION_SECRET_LENGTH = 32;
const GENERATED_SECRET_BYTES = 32;

/**
 * Reads the environment. An empty variable counts as an absent one, since compose files cannot leave one out.
 *
 * @throws ConfigurationError with every problem at once
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>, role: ProcessRole): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  // Judged on the text, so that they are listed together with what the schema found.
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}.`),
    ...missing(given, role),
    ...weakSecrets(given, role),
    ...internalWebhook(given, parsed.data),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems);
  return frozen(shaped(parsed.data, role));
}

const isProduction = (given: Readonly<Record<string, string | undefined>>) => given.NODE_ENV === 'production';
const itemsOf = (text: string | undefined) =>
  (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function missing(given: Readonly<Record<string, string | undefined>>, role: ProcessRole): string[] {
  const problems: string[] = [];
  if (role !== 'standalone' && given.REDIS_URL === undefined) {
    problems.push(
      `REDIS_URL is not set: a ${role} shares its rooms through Redis. ("npm start" runs without one.)`,
    );
  }
  if (given.PORT !== undefined && given.PORT !== '0' && given.PORT === given.QUIZBELL_OPS_PORT) {
    problems.push('PORT and QUIZBELL_OPS_PORT are the same.');
  }
  if (given.QUIZBELL_WEBHOOK_URL !== undefined && itemsOf(given.QUIZBELL_WEBHOOK_SECRET).length === 0) {
    problems.push('QUIZBELL_WEBHOOK_SECRET is not set: what goes to QUIZBELL_WEBHOOK_URL is signed with it.');
  }
  if (!isProduction(given) || role === 'scheduler') return problems;
  if (itemsOf(given.QUIZBELL_SECRET).length === 0) {
    problems.push(
      `QUIZBELL_SECRET is not set: production needs one of at least ${MIN_PRODUCTION_SECRET_LENGTH} characters.`,
    );
  }
  // Spelt wrongly it is a problem of its own, not one more about keys.
  const mayBePublic =
    given.QUIZBELL_PUBLIC_ROOMS !== undefined && !/^(false|0|no|off)$/i.test(given.QUIZBELL_PUBLIC_ROOMS);
  if (itemsOf(given.QUIZBELL_API_KEYS).length === 0 && !mayBePublic) {
    problems.push(
      'QUIZBELL_API_KEYS is not set: in production nobody could create rooms (or set QUIZBELL_PUBLIC_ROOMS=true).',
    );
  }
  return problems;
}

function weakSecrets(given: Readonly<Record<string, string | undefined>>, role: ProcessRole): string[] {
  const least = isProduction(given) ? MIN_PRODUCTION_SECRET_LENGTH : MIN_SECRET_LENGTH;
  // A scheduler sees no token, but its board of outcomes is behind the API keys.
  const textOf = (name: string) => (role === 'scheduler' ? [] : itemsOf(given[name]));
  const secrets = {
    QUIZBELL_SECRET: textOf('QUIZBELL_SECRET'),
    QUIZBELL_TUTORIAL_SECRET: textOf('QUIZBELL_TUTORIAL_SECRET'),
  };
  const short = Object.entries(secrets)
    .filter(([, values]) => values.some((secret) => secret.length < least))
    .map(([name]) => `${name}: each secret must have at least ${least} characters.`);
  if (short.length > 0 || !isProduction(given)) return short;
  const all = { ...secrets, QUIZBELL_API_KEYS: itemsOf(given.QUIZBELL_API_KEYS) };
  return Object.entries(all).flatMap(([name, values]) => {
    const weakness = values.map(name === 'QUIZBELL_API_KEYS' ? placeholderIn : weaknessOf).find(Boolean);
    return weakness === undefined
      ? []
      : [`${name}: one of them ${weakness}. (openssl rand -base64 32 makes a good one.)`];
  });
}

/** Told at the start: else every outcome would be refused only when it is sent. */
function internalWebhook(
  given: Readonly<Record<string, string | undefined>>,
  parsed: Environment | undefined,
): string[] {
  const url = URL.parse(parsed?.QUIZBELL_WEBHOOK_URL ?? '');
  if (!isProduction(given) || url === null || parsed?.QUIZBELL_WEBHOOK_ALLOW_PRIVATE) return [];
  const problem = webhookProblemOf(url);
  return problem === undefined
    ? []
    : [`QUIZBELL_WEBHOOK_URL ${problem}, in production (or set QUIZBELL_WEBHOOK_ALLOW_PRIVATE=true).`];
}

function shaped(env: Environment, role: ProcessRole): Config {
  const production = env.NODE_ENV === 'production';
  const notices: string[] = [];
  const isEdge = role !== 'scheduler';
  let secrets = isEdge ? (env.QUIZBELL_SECRET ?? []) : [];
  if (isEdge && secrets.length === 0) {
    secrets = [randomBytes(GENERATED_SECRET_BYTES).toString('base64url')];
    notices.push(
      role === 'gateway'
        ? 'QUIZBELL_SECRET is not set: a random secret is used, so tokens are good at this gateway only and end with it.'
        : 'QUIZBELL_SECRET is not set: a random secret is used, so tokens end with this process.',
    );
  }
  const apiKeys = env.QUIZBELL_API_KEYS ?? [];
  const isOpen = isEdge && !production && apiKeys.length === 0;
  if (isOpen) notices.push('QUIZBELL_API_KEYS is not set: anyone may create rooms.');
  if (role === 'standalone' && env.REDIS_URL === undefined) {
    notices.push('REDIS_URL is not set: rooms are in the memory of this process only and end with it.');
  }
  return {
    role,
    isProduction: production,
    http: {
      host: env.HOST,
      port: env.PORT,
      origins: originsOf(env.QUIZBELL_ORIGINS, production),
      trustProxy: env.QUIZBELL_TRUST_PROXY,
      hasPages: env.QUIZBELL_PAGES,
      drainMs: env.QUIZBELL_DRAIN_MS,
    },
    opsPort: env.QUIZBELL_OPS_PORT,
    auditEveryMs: env.QUIZBELL_AUDIT_MS,
    redis: {
      url: env.REDIS_URL,
      prefix: env.QUIZBELL_KEY_PREFIX,
      shards: env.QUIZBELL_SHARDS,
      timeoutMs: env.QUIZBELL_REDIS_TIMEOUT_MS,
    },
    access: {
      secrets,
      apiKeys,
      createRooms: isOpen ? 'open' : env.QUIZBELL_PUBLIC_ROOMS ? 'limited' : 'keys',
    },
    tutorial: tutorialOf(env, isEdge, notices),
    rooms: {
      idleMs: env.QUIZBELL_ROOM_IDLE_MS,
      maxPlayers: env.QUIZBELL_MAX_PLAYERS,
      retentionMs: env.QUIZBELL_RETENTION_MS,
      maxRooms: env.QUIZBELL_MAX_ROOMS,
    },
    limits: {
      shared: {
        connections: env.QUIZBELL_RATE_CONNECTIONS,
        joins: env.QUIZBELL_RATE_JOINS,
        rooms: env.QUIZBELL_RATE_ROOMS,
        rest: env.QUIZBELL_RATE_REST,
        wrong_pins: env.QUIZBELL_RATE_WRONG_PINS,
        wrong_pins_overall: env.QUIZBELL_RATE_WRONG_PINS_OVERALL,
      },
      events: env.QUIZBELL_RATE_EVENTS,
      maxConnections: env.QUIZBELL_MAX_CONNECTIONS,
      maxConnectionsPerAddress: env.QUIZBELL_MAX_CONNECTIONS_PER_ADDRESS,
      maxBufferBytes: env.QUIZBELL_MAX_BUFFER_BYTES,
    },
    webhooks: webhooksOf(env, production, notices),
    log: { level: env.LOG_LEVEL },
    traces: {
      isOn: env.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
      ratio: env.QUIZBELL_TRACES_RATIO,
    },
    notices,
  };
}

function tutorialOf(env: Environment, isEdge: boolean, notices: string[]): Config['tutorial'] {
  const production = env.NODE_ENV === 'production';
  const isOn = isEdge && (env.QUIZBELL_TUTORIAL_MODE ?? !production);
  const secrets = isOn ? (env.QUIZBELL_TUTORIAL_SECRET ?? []) : [];
  if (isOn && production && secrets.length === 0) {
    notices.push(
      'QUIZBELL_TUTORIAL_SECRET is not set: tokens of tutorial mode are not verified, so anybody may start timers.',
    );
  }
  return { isOn, secrets };
}

function webhooksOf(env: Environment, production: boolean, notices: string[]): Config['webhooks'] {
  const secrets = env.QUIZBELL_WEBHOOK_SECRET ?? [];
  const allowPrivate = env.QUIZBELL_WEBHOOK_ALLOW_PRIVATE ?? !production;
  if (secrets.length > 0 && allowPrivate) {
    notices.push(
      production
        ? 'QUIZBELL_WEBHOOK_ALLOW_PRIVATE is true: who may create rooms can make this service ask internal addresses.'
        : 'Webhooks may go to internal addresses, as they may not in production.',
    );
  }
  return {
    url: env.QUIZBELL_WEBHOOK_URL,
    secrets,
    timeoutMs: env.QUIZBELL_WEBHOOK_TIMEOUT_MS,
    attempts: env.QUIZBELL_WEBHOOK_ATTEMPTS,
    retryMs: env.QUIZBELL_WEBHOOK_RETRY_MS,
    retryMaxMs: env.QUIZBELL_WEBHOOK_RETRY_MAX_MS,
    allowPrivate,
  };
}

/** Frozen through and through: nobody changes the configuration of a running process. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) frozen(part);
    Object.freeze(value);
  }
  return value;
}

/** Undefined lets every origin in: said by `*`, and so in development. In production only pages of the same host may. */
function originsOf(origins: readonly string[] | undefined, production: boolean): string[] | undefined {
  if (origins === undefined) return production ? [] : undefined;
  return origins.includes('*') ? undefined : [...origins];
}
