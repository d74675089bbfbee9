import { isIP } from 'node:net';
import { z } from 'zod';

// The environment, variable by variable. Every message says what is expected; none repeats what was given.

const DAY_MS = 86_400_000;

/** A list separated by commas; blanks around the items and empty items do not count. */
const listText = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

function integerText(min: number, max: number) {
  const error = `expected a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, { error, abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error });
}

const TRUE = ['true', '1', 'yes', 'on'];
const FALSE = ['false', '0', 'no', 'off'];

const booleanText = z
  .string()
  .refine((text) => [...TRUE, ...FALSE].includes(text.toLowerCase()), {
    error: 'expected true or false',
    abort: true,
  })
  .transform((text) => TRUE.includes(text.toLowerCase()));

export type DurationMs = number & { readonly __unit: 'DurationMs' };

/** So many within a window, which begins with the first one. */
export interface Rate {
  readonly count: number;
  /** Whole seconds. */
  readonly perMs: DurationMs;
}

const RATE = /^([1-9]\d{0,8})\/([1-9]\d{0,4})s$/;

/** `1000/10s`: so many in so many seconds; `off`: no limit. */
const rateText = z
  .string()
  .refine((text) => text.toLowerCase() === 'off' || RATE.test(text), {
    error: 'expected a rate such as 1000/10s (so many in so many seconds), or off',
    abort: true,
  })
  .transform((text): Rate | null => {
    const [, count, seconds] = RATE.exec(text) ?? [];
    return count === undefined
      ? null
      : { count: Number(count), perMs: (Number(seconds) * 1_000) as DurationMs };
  });

const rate = (count: number, seconds: number): Rate => ({ count, perMs: (seconds * 1_000) as DurationMs });

/** What Express takes for `trust proxy`: all, none, how many proxies, or which ones. */
export type TrustProxy = boolean | number | string[];

const NAMED_NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];

function isNetwork(text: string): boolean {
  if (NAMED_NETWORKS.includes(text)) return true;
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  if (bits === undefined) return true;
  // Express refuses a network of 0 bits when it compiles the list.
  return /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

const TRUST_PROXY_EXPECTED =
  'expected true, false, a number of proxies, or a list of addresses, networks (10.0.0.0/8), loopback, linklocal, uniquelocal';

const trustProxyText = z
  .string()
  .transform((text): TrustProxy => {
    // 1 is one proxy here, as in Express, not "true".
    if (/^\d{1,3}$/.test(text)) return Number(text);
    if (text.toLowerCase() === 'true') return true;
    if (text.toLowerCase() === 'false') return false;
    return text.split(',').map((item) => item.trim());
  })
  .refine((value) => !Array.isArray(value) || value.every(isNetwork), { error: TRUST_PROXY_EXPECTED });

const HOSTS = '[^/,\\s]+(,[^/,\\s]+)*';
const REDIS_URL_FORMS = [
  // One server, perhaps with credentials and a database number.
  /^rediss?:\/\/[^\s]+$/,
  new RegExp(`^redis\\+sentinel://${HOSTS}/[A-Za-z0-9_.-]+$`),
  new RegExp(`^redis\\+cluster://${HOSTS}/?$`),
];

const redisUrlText = z
  .string()
  .refine(
    (text) => REDIS_URL_FORMS.some((form) => form.test(text)) && (text.includes('+') || URL.canParse(text)),
    {
      error:
        'expected redis://host:port, rediss://host:port, redis+sentinel://host1,host2/<master> or redis+cluster://host1,host2',
    },
  );

const webhookUrlText = z.string().refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), {
  error: 'expected an address such as https://quiz.example.com/outcomes',
});

/** As Standard Webhooks wants it: 24 to 64 random bytes in base64. */
const WEBHOOK_SECRET =
  /^(whsec_)?(?=[^=]{32,86}=*$)([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const webhookSecretsText = listText.refine(
  (secrets) => secrets.every((secret) => WEBHOOK_SECRET.test(secret)),
  {
    error: 'expected whsec_ and 24 to 64 random bytes in base64, such as openssl rand -base64 32 makes',
  },
);

const httpUrlText = z.string().refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), {
  error: 'expected an address such as http://collector:4318',
});

const ratioText = z
  .string()
  .regex(/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/, { error: 'expected a number from 0 to 1', abort: true })
  .transform(Number);

const ORIGIN = /^https?:\/\/[^/\s]+$/;

/** One variable each; absent variables get their default in `loadConfig`, where the role is known. */
export const environmentSchema = z.object({
  NODE_ENV: z.string().optional(),
  HOST: z.string().regex(/^\S+$/, { error: 'expected an address or a host name' }).default('0.0.0.0'),
  PORT: integerText(0, 65_535).default(3_000),
  QUIZBELL_OPS_PORT: integerText(0, 65_535).optional(),
  REDIS_URL: redisUrlText.optional(),
  QUIZBELL_KEY_PREFIX: z
    .string()
    // Braces would move Redis Cluster's hash tag, and with it every key to another slot.
    .regex(/^[A-Za-z0-9_.-]{1,40}$/, { error: 'expected 1-40 characters of A-Z, a-z, 0-9, _, . and -' })
    .default('quizbell'),
  QUIZBELL_SECRET: listText.optional(),
  QUIZBELL_API_KEYS: listText.optional(),
  QUIZBELL_PUBLIC_ROOMS: booleanText.default(false),
  QUIZBELL_TUTORIAL_MODE: booleanText.optional(),
  QUIZBELL_TUTORIAL_SECRET: listText.optional(),
  QUIZBELL_ORIGINS: listText
    .refine((origins) => origins.every((origin) => origin === '*' || ORIGIN.test(origin)), {
      error: 'expected a list of origins such as https://quiz.example.com, or *',
    })
    .optional(),
  QUIZBELL_TRUST_PROXY: trustProxyText.default(false),
  QUIZBELL_PAGES: booleanText.default(true),
  // Three digits of a room id name the shard.
  QUIZBELL_SHARDS: integerText(1, 999).default(8),
  QUIZBELL_ROOM_IDLE_MS: integerText(1_000, 7 * DAY_MS).default(3_600_000),
  // A run settles up to 11 s after its closing, also when that is the room's.
  QUIZBELL_RETENTION_MS: integerText(60_000, 365 * DAY_MS).default(7 * DAY_MS),
  QUIZBELL_AUDIT_MS: integerText(100, DAY_MS).default(60_000),
  QUIZBELL_MAX_PLAYERS: integerText(1, 100_000).default(10_000),
  QUIZBELL_MAX_ROOMS: integerText(1, 1_000_000).default(100_000),
  QUIZBELL_MAX_CONNECTIONS: integerText(1, 1_000_000).default(20_000),
  QUIZBELL_MAX_CONNECTIONS_PER_ADDRESS: integerText(1, 1_000_000).default(5_000),
  // At least what one large snapshot takes, many times over.
  QUIZBELL_MAX_BUFFER_BYTES: integerText(65_536, 1_073_741_824).default(1_048_576),
  // Per address, over all gateways. A whole school behind one address is normal.
  QUIZBELL_RATE_CONNECTIONS: rateText.default(rate(1_000, 10)),
  QUIZBELL_RATE_JOINS: rateText.default(rate(1_000, 10)),
  QUIZBELL_RATE_ROOMS: rateText.default(rate(10, 60)),
  QUIZBELL_RATE_REST: rateText.default(rate(3_000, 10)),
  QUIZBELL_RATE_WRONG_PINS: rateText.default(rate(100, 60)),
  // Over all addresses: of a million PINs a thousand a minute.
  QUIZBELL_RATE_WRONG_PINS_OVERALL: rateText.default(rate(1_000, 60)),
  // Per connection.
  QUIZBELL_RATE_EVENTS: rateText.default(rate(100, 2)),
  QUIZBELL_REDIS_TIMEOUT_MS: integerText(50, 60_000).default(1_000),
  QUIZBELL_DRAIN_MS: integerText(0, 600_000).default(5_000),
  QUIZBELL_WEBHOOK_URL: webhookUrlText.optional(),
  QUIZBELL_WEBHOOK_SECRET: webhookSecretsText.optional(),
  QUIZBELL_WEBHOOK_TIMEOUT_MS: integerText(100, 60_000).default(10_000),
  // With the pauses below 24 tries take about 12 hours.
  QUIZBELL_WEBHOOK_ATTEMPTS: integerText(1, 1_000).default(24),
  QUIZBELL_WEBHOOK_RETRY_MS: integerText(10, DAY_MS).default(1_000),
  QUIZBELL_WEBHOOK_RETRY_MAX_MS: integerText(10, DAY_MS).default(3_600_000),
  QUIZBELL_WEBHOOK_ALLOW_PRIVATE: booleanText.optional(),
  // OpenTelemetry's own variable, which its exporter reads by itself, as it does OTEL_EXPORTER_OTLP_HEADERS and others.
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrlText.optional(),
  QUIZBELL_TRACES_RATIO: ratioText.default(1),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'expected fatal, error, warn, info, debug, trace or silent',
    })
    .default('info'),
});

export type Environment = z.output<typeof environmentSchema>;
