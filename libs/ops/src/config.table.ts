import type { Environment } from './config.schema.js';

// What people read of the environment: docs/configuration.md and .env.example are made of it (`npm run generate`). Only types
// are imported, so that the generator can load this file as it is.

/** A chapter of the documents; in this order. */
export const CHAPTERS = [
  'What production needs',
  'Where a process listens',
  'Redis',
  'Rooms',
  'Limits',
  'Webhooks',
  'Life of a process',
] as const;

/** What is said of one variable. */
export interface VariableText {
  readonly chapter: (typeof CHAPTERS)[number];
  /** The processes that heed it; the single process (`npm start`) heeds all. */
  readonly readBy: readonly ('gateway' | 'scheduler')[];
  /** What it is for, in one or two sentences of Markdown, without a full stop at the end. */
  readonly what: string;
  /** What holds without it, where that is no value of the schema. */
  readonly without?: string;
  /** How a value looks, where that is not plain. */
  readonly example?: string;
}

const EDGE = ['gateway'] as const;
const ALL = ['gateway', 'scheduler'] as const;

/** Every variable of the schema: one that lacks its text does not compile. */
export const ENVIRONMENT_TABLE: { readonly [name in keyof Environment]-?: VariableText } = {
  NODE_ENV: {
    chapter: 'What production needs',
    readBy: ALL,
    what: '`production` refuses to start without secrets, or with ones that can be guessed, and logs JSON. Anything else is development: secrets are made up, and the start says which',
    without: 'development; `production` in the image, and under compose where a secret, key or Redis is said',
    example: 'production',
  },
  QUIZBELL_SECRET: {
    chapter: 'What production needs',
    readBy: EDGE,
    what: 'Signs tokens; the same for all gateways, 32 characters or more in production (`openssl rand -base64 32`). A comma-separated list during a rotation: the first signs, all verify',
    without: 'made up at each start (development)',
  },
  QUIZBELL_API_KEYS: {
    chapter: 'What production needs',
    readBy: ALL,
    what: 'Who may create rooms, and see the queue of outcomes: a comma-separated list of keys (`openssl rand -hex 24`), of which each is as good as another',
    without: 'anybody may create rooms (development)',
  },
  QUIZBELL_PUBLIC_ROOMS: {
    chapter: 'What production needs',
    readBy: EDGE,
    what: 'Lets everybody create rooms in production too, as often as `QUIZBELL_RATE_ROOMS` says',
  },
  QUIZBELL_TUTORIAL_MODE: {
    chapter: 'What production needs',
    readBy: EDGE,
    what: "Whether the default namespace serves the tutorial's clients, with a timer per user and device: `docs/tutorial-mode.md`",
    without: '`false` in production, else `true`',
  },
  QUIZBELL_TUTORIAL_SECRET: {
    chapter: 'What production needs',
    readBy: EDGE,
    what: 'Verifies the tokens of tutorial mode: JSON Web Tokens, signed by HS256, whose `sub` is the user. A comma-separated list during a rotation',
    without: 'tokens are not verified, and each is a user of its own',
  },
  QUIZBELL_ORIGINS: {
    chapter: 'What production needs',
    readBy: EDGE,
    what: 'Origins whose pages may connect, a comma-separated list; `*` is every one',
    without: "any in development, the gateway's own host in production",
    example: 'https://quiz.example.com',
  },
  QUIZBELL_TRUST_PROXY: {
    chapter: 'What production needs',
    readBy: EDGE,
    what: 'Whose word about the address of a client counts: `1` for one proxy in front, or a list of addresses and networks, `loopback`, `linklocal`, `uniquelocal`. Too generous, and clients choose their address; `false` behind a proxy, and all of them share the limits of one',
    example: '1',
  },

  HOST: {
    chapter: 'Where a process listens',
    readBy: ALL,
    what: 'The address that both ports are bound to',
  },
  PORT: {
    chapter: 'Where a process listens',
    readBy: EDGE,
    what: 'For clients: Socket.IO and REST. 0 takes a free one',
  },
  QUIZBELL_PAGES: {
    chapter: 'Where a process listens',
    readBy: EDGE,
    what: 'Serves the pages for hosts, players and screens at `/`; `false` where an app has pages of its own',
  },
  QUIZBELL_OPS_PORT: {
    chapter: 'Where a process listens',
    readBy: ALL,
    what: '`/health/live`, `/health/ready` and `/metrics`, for operators: never publish it. 0 takes a free one',
    without: 'none; 9464 in the image',
    example: '9464',
  },

  REDIS_URL: {
    chapter: 'Redis',
    readBy: ALL,
    what: '`redis://user:password@host:port`, `rediss://...` (TLS), `redis+sentinel://h1,h2/<master>` or `redis+cluster://h1,h2`',
    without: '`npm start` keeps rooms in memory; gateway and scheduler refuse to start',
    example: 'redis://:password@localhost:6379',
  },
  QUIZBELL_KEY_PREFIX: {
    chapter: 'Redis',
    readBy: ALL,
    what: 'Before every key, channel and queue; the same for all processes of an installation. Two of them may share a Redis under two prefixes',
  },
  QUIZBELL_SHARDS: {
    chapter: 'Redis',
    readBy: ALL,
    what: 'Into how many parts the rooms are divided. Fixed at the first start, and the most schedulers that can share the work',
  },
  QUIZBELL_REDIS_TIMEOUT_MS: {
    chapter: 'Redis',
    readBy: ALL,
    what: 'A command that Redis has not answered after this counts as failed, and is told as `unavailable`',
  },

  QUIZBELL_ROOM_IDLE_MS: {
    chapter: 'Rooms',
    readBy: EDGE,
    what: 'A room in which nobody is connected and no question is active ends after this, unless its settings say otherwise',
  },
  QUIZBELL_RETENTION_MS: {
    chapter: 'Rooms',
    readBy: ALL,
    what: "A closed room's data, and the answers to a settled run, are kept for this long",
  },
  QUIZBELL_MAX_PLAYERS: {
    chapter: 'Rooms',
    readBy: EDGE,
    what: 'Players that may be connected to one room; settings of a room may ask for less',
  },
  QUIZBELL_MAX_ROOMS: {
    chapter: 'Rooms',
    readBy: EDGE,
    what: 'Rooms that are not over, of the whole installation; the same for all gateways. Of the million PINs a tenth at most should be taken',
  },

  QUIZBELL_MAX_CONNECTIONS: {
    chapter: 'Limits',
    readBy: EDGE,
    what: 'Connections of one gateway; its limit of open files must be above it',
  },
  QUIZBELL_MAX_CONNECTIONS_PER_ADDRESS: {
    chapter: 'Limits',
    readBy: EDGE,
    what: 'Connections of one gateway from one address. A school is one address',
  },
  QUIZBELL_MAX_BUFFER_BYTES: {
    chapter: 'Limits',
    readBy: EDGE,
    what: 'A connection that reads so slowly that more than this waits to be sent is ended',
  },
  QUIZBELL_RATE_CONNECTIONS: {
    chapter: 'Limits',
    readBy: EDGE,
    what: 'New connections of one address, at all gateways together; `off` for no limit, here and in the following',
  },
  QUIZBELL_RATE_JOINS: {
    chapter: 'Limits',
    readBy: EDGE,
    what: 'Joins by PIN of one address, at all gateways together',
  },
  QUIZBELL_RATE_ROOMS: {
    chapter: 'Limits',
    readBy: EDGE,
    what: 'New rooms of one address where no API key is asked for',
  },
  QUIZBELL_RATE_REST: {
    chapter: 'Limits',
    readBy: EDGE,
    what: 'REST requests of one address, at all gateways together',
  },
  QUIZBELL_RATE_WRONG_PINS: {
    chapter: 'Limits',
    readBy: EDGE,
    what: 'Wrong PINs of one address: who tries them out is slowed down',
  },
  QUIZBELL_RATE_WRONG_PINS_OVERALL: {
    chapter: 'Limits',
    readBy: EDGE,
    what: 'Wrong PINs of all addresses together',
  },
  QUIZBELL_RATE_EVENTS: {
    chapter: 'Limits',
    readBy: EDGE,
    what: 'Events of one connection; ten times as many end it',
  },

  QUIZBELL_WEBHOOK_SECRET: {
    chapter: 'Webhooks',
    readBy: ALL,
    what: 'Signs webhooks by the Standard Webhooks convention: `whsec_` and 24 to 64 random bytes in base64 (`openssl rand -base64 32`). A comma-separated list during a rotation: all sign',
    without: 'no webhooks are sent, and no room may have one',
  },
  QUIZBELL_WEBHOOK_URL: {
    chapter: 'Webhooks',
    readBy: ALL,
    what: 'Where the outcomes of rooms go that have no `settings.webhook` of their own; in production an https address that is not internal',
    without: 'such outcomes are sent to nobody',
    example: 'https://quiz.example.com/outcomes',
  },
  QUIZBELL_WEBHOOK_TIMEOUT_MS: {
    chapter: 'Webhooks',
    readBy: ['scheduler'],
    what: 'A receiver must have answered within this time',
  },
  QUIZBELL_WEBHOOK_ATTEMPTS: {
    chapter: 'Webhooks',
    readBy: ALL,
    what: 'How often a delivery is tried before it is laid aside as dead; with the pauses below over about half a day',
  },
  QUIZBELL_WEBHOOK_RETRY_MS: {
    chapter: 'Webhooks',
    readBy: ALL,
    what: 'The pause after the first failed try; doubled with each further one',
  },
  QUIZBELL_WEBHOOK_RETRY_MAX_MS: {
    chapter: 'Webhooks',
    readBy: ALL,
    what: 'The longest pause between two tries',
  },
  QUIZBELL_WEBHOOK_ALLOW_PRIVATE: {
    chapter: 'Webhooks',
    readBy: ALL,
    what: 'Whether webhooks may go to internal addresses and by plain http. In production that lets everybody who may create rooms ask your internal servers',
    without: '`false` in production, else `true`',
  },

  QUIZBELL_DRAIN_MS: {
    chapter: 'Life of a process',
    readBy: EDGE,
    what: 'A gateway that gets SIGTERM gives its clients so long to go elsewhere. Leave it 5 s more before SIGKILL',
  },
  QUIZBELL_AUDIT_MS: {
    chapter: 'Life of a process',
    readBy: ['scheduler'],
    what: 'How long after the last comparison of due instants with the states of rooms the next one begins',
  },
  LOG_LEVEL: {
    chapter: 'Life of a process',
    readBy: ALL,
    what: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    chapter: 'Life of a process',
    readBy: ALL,
    without: 'no traces; nothing of OpenTelemetry is loaded',
    what: 'Where traces of runs are sent, by OTLP over HTTP, such as `http://collector:4318`; the exporter also reads `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_EXPORTER_OTLP_TIMEOUT`, `OTEL_BSP_SCHEDULE_DELAY` and `OTEL_SERVICE_NAME`',
  },
  QUIZBELL_TRACES_RATIO: {
    chapter: 'Life of a process',
    readBy: ALL,
    what: 'The part of all runs that is traced, from 0 to 1; the same in every process',
  },
};
