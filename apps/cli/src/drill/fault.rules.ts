/** How Redis keeps what it was told. */
export type Durability = 'everysec' | 'always';

/** What is promised while a fault happens. */
export interface FaultRules {
  /** One line for `--help`. */
  readonly what: string;
  /** How Redis writes its append-only file during the fault. */
  readonly durability: Durability;
  /** `false`: what it breaks is reported and breaks no promise. */
  readonly isPromised: boolean;
  /**
   * Whether a connected client may go without an event and hear it from a snapshot only: where the fault takes away what a
   * gateway hears by. Delivery is promised at most once; the state is promised.
   */
  readonly mayMissEvents: boolean;
  /** p99 of the time until all shards of a killed or frozen owner are acted for again (ms). */
  readonly takeoverLimitMs?: number;
  /** Longest time without a tick that a client with an open question may see (ms). */
  readonly tickGapLimitMs?: number;
}

const TAKEOVER_LIMIT_MS = 2_000; // design, promise 3
const ROLLING_GAP_LIMIT_MS = 3_000;

/** The faults, in the order in which a drill plays them. */
export const FAULT_RULES = {
  'kill-owner': {
    what: 'SIGKILL to the scheduler that owns most shards',
    durability: 'everysec',
    isPromised: true,
    mayMissEvents: false,
    takeoverLimitMs: TAKEOVER_LIMIT_MS,
  },
  'freeze-owner': {
    what: 'SIGSTOP to that scheduler for 2 to 3 s, beyond its lease, then SIGCONT',
    durability: 'everysec',
    isPromised: true,
    mayMissEvents: false,
    takeoverLimitMs: TAKEOVER_LIMIT_MS,
  },
  'kill-gateway': {
    what: 'SIGKILL to the gateway with most members, which join again elsewhere',
    durability: 'everysec',
    isPromised: true,
    mayMissEvents: false,
  },
  'cut-connection': {
    what: "CLIENT KILL of one of the processes' connections to Redis",
    durability: 'everysec',
    isPromised: true,
    mayMissEvents: true,
  },
  'rolling-restart': {
    what: 'SIGTERM and a new process, for each scheduler and gateway in turn',
    durability: 'everysec',
    isPromised: true,
    mayMissEvents: false,
    tickGapLimitMs: ROLLING_GAP_LIMIT_MS,
  },
  'redis-shutdown': {
    what: 'SHUTDOWN of Redis (appendfsync everysec), started again on its port and folder',
    durability: 'everysec',
    isPromised: true,
    mayMissEvents: true,
  },
  'redis-kill': {
    what: 'SIGKILL to Redis (appendfsync always), started again',
    durability: 'always',
    isPromised: true,
    mayMissEvents: true,
  },
  'redis-freeze': {
    what: 'SIGSTOP to Redis for 5 s, then SIGCONT',
    durability: 'everysec',
    isPromised: true,
    mayMissEvents: true,
  },
  'redis-kill-everysec': {
    what: 'SIGKILL to Redis (appendfsync everysec): it may forget; reported, not promised',
    durability: 'everysec',
    isPromised: false,
    mayMissEvents: true,
  },
} as const satisfies Record<string, FaultRules>;

/** What a round has measured against a limit (ms). */
export interface RoundTimes {
  /** `undefined`: nothing had to be taken over. */
  readonly takeoverMs: number | undefined;
  /** The longest time without a tick that a client saw. */
  readonly tickGapMs: number;
}

/** Whether a round kept within the limits of its fault. */
export function isInTime(
  { takeoverMs = 0, tickGapMs }: RoundTimes,
  { takeoverLimitMs = Number.POSITIVE_INFINITY, tickGapLimitMs = Number.POSITIVE_INFINITY }: FaultRules,
): boolean {
  return takeoverMs <= takeoverLimitMs && tickGapMs <= tickGapLimitMs;
}

/** What counts of a round that was played several times: each of its times at its best. */
export function bestOf(tries: readonly RoundTimes[]): RoundTimes {
  const takeovers = tries.flatMap(({ takeoverMs }) => (takeoverMs === undefined ? [] : [takeoverMs]));
  return {
    takeoverMs: takeovers.length === 0 ? undefined : Math.min(...takeovers),
    tickGapMs: Math.min(...tries.map(({ tickGapMs }) => tickGapMs)),
  };
}

export type FaultName = keyof typeof FAULT_RULES;

export const FAULT_NAMES = Object.keys(FAULT_RULES) as FaultName[];

export const isFaultName = (text: string): text is FaultName => Object.hasOwn(FAULT_RULES, text);

export const rulesOf = (fault: FaultName): FaultRules => FAULT_RULES[fault];
