import type { RedisRefusal, ServerFacts } from '#libs/redis-store';
import { type Check, type CheckStatus, check } from './check.types.js';

// What Redis has to be for the promises to hold, server by server. A Cluster has several: the worst of them counts.

const LEAST_MAJOR_VERSION = 7;
/** A command is a round trip or two, and a verdict as late as that (ms). */
const SLOW_ROUND_TRIP_MS = 5;
/** Instants are Redis'; only the life of tokens is by this machine's clock (ms). */
const CLOCKS_APART_MS = 60_000;
const FULL = 0.8;

/** What one server is like; several that are like each other are told as one. */
interface Verdict {
  readonly status: CheckStatus;
  readonly found: string;
  readonly advice?: string;
}

const WORST_FIRST: readonly CheckStatus[] = ['wrong', 'unknown', 'warning', 'info', 'good'];

/** One check of all servers: what the worst says, and of each what was found. */
function overall(
  id: string,
  wanted: string,
  servers: readonly ServerFacts[],
  judge: (server: ServerFacts) => Verdict,
): Check {
  const verdicts = servers.map((server) => ({ server, ...judge(server) }));
  const worst = verdicts.toSorted((a, b) => WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status))[0];
  const found = [...new Set(verdicts.map((verdict) => verdict.found))];
  const told =
    found.length <= 1
      ? (found[0] ?? 'no server')
      : verdicts.map(({ server, found: each }) => `${server.address}: ${each}`).join('; ');
  return check(id, { status: worst?.status ?? 'unknown', found: told, wanted, advice: worst?.advice ?? '' });
}

const HIDDEN = (what: string): Verdict => ({
  status: 'unknown',
  found: 'hidden',
  advice: `Redis does not tell ${what}. Ask whoever runs it, or look at its console.`,
});

/** Every check of what Redis itself is. */
export function redisChecks(servers: readonly ServerFacts[]): Check[] {
  const isClustered = servers.some((server) => server.isClustered);
  const hasReplicas = servers.some((server) => (server.replicas ?? 0) > 0);
  return [
    overall('redis-version', '7.0 or newer', servers, version),
    overall('redis-eviction', 'maxmemory-policy noeviction', servers, eviction),
    overall('redis-persistence', 'appendonly yes, appendfsync everysec or always', servers, persistence),
    overall('redis-memory', 'below 80 % of maxmemory', servers, memory),
    ...(hasReplicas ? [overall('redis-replication', 'min-replicas-to-write 1', servers, replication)] : []),
    ...(isClustered
      ? [overall('redis-coverage', 'cluster-require-full-coverage no', servers, coverage)]
      : []),
    overall('redis-clients', 'below 80 % of maxclients', servers, clients),
    overall('redis-latency', `below ${SLOW_ROUND_TRIP_MS} ms`, servers, latency),
    overall('redis-clock', 'anything: all instants are of the clock of Redis', servers, clock),
    overall('redis-settings', 'CONFIG GET is allowed', servers, hiddenSettings),
  ];
}

/** The two checks that come of the attempt to connect. */
export function contactChecks(refusal: RedisRefusal | undefined, hasPassword: boolean): Check[] {
  if (refusal === undefined) {
    return [
      check('redis-reachable', { status: 'good', found: 'it answers', wanted: 'it answers' }),
      hasPassword
        ? check('redis-password', { status: 'good', found: 'accepted', wanted: 'accepted' })
        : check('redis-password', {
            status: 'warning',
            found: 'none is asked for',
            wanted: 'a password, unless nobody else can reach Redis',
            advice:
              'Whoever reaches this Redis can do everything. Set requirepass (or an ACL user) and REDIS_URL.',
          }),
    ];
  }
  const { kind, message } = refusal;
  switch (kind) {
    case 'unreachable':
      return [
        check('redis-reachable', {
          status: 'wrong',
          found: message,
          wanted: 'it answers',
          advice:
            'Nothing else could be checked. Is Redis running, is the address in REDIS_URL right as seen from here, and does a firewall or `bind` keep this machine out?',
        }),
      ];
    case 'password':
      return [
        check('redis-reachable', { status: 'good', found: 'it answers', wanted: 'it answers' }),
        check('redis-password', {
          status: 'wrong',
          found: message,
          wanted: 'accepted',
          advice: `Nothing else could be checked. ${
            hasPassword ? 'REDIS_URL has the wrong user or password' : 'REDIS_URL has no password'
          }: redis://user:password@host:port, special characters percent-encoded.`,
        }),
      ];
    case 'forbidden':
      return [
        check('redis-permissions', {
          status: 'wrong',
          found: message,
          wanted: 'all commands but administration, on keys and channels of the prefix',
          advice: 'Give the ACL user `~<prefix>:* ~{<prefix>}:* &<prefix>* +@all -@dangerous +info`.',
        }),
      ];
    default:
      return kind satisfies never;
  }
}

function version({ version: found }: ServerFacts): Verdict {
  if (found === undefined) return HIDDEN('its version');
  return Number.parseInt(found, 10) >= LEAST_MAJOR_VERSION
    ? { status: 'good', found }
    : {
        status: 'wrong',
        found,
        advice:
          'Processes refuse to start: rooms are broadcast by sharded publishing, which came with 7.0. Upgrade Redis.',
      };
}

function eviction({ evictionPolicy: found }: ServerFacts): Verdict {
  if (found === undefined) return HIDDEN('maxmemory-policy');
  return found === 'noeviction'
    ? { status: 'good', found }
    : {
        status: 'wrong',
        found,
        advice:
          'Live rooms may be thrown away when memory is short, and processes refuse to start. CONFIG SET maxmemory-policy noeviction, and the same in redis.conf; do not share this Redis with a cache.',
      };
}

function persistence(server: ServerFacts): Verdict {
  const { appendOnly, appendFsync, save, lastWriteFailed } = server;
  if (appendOnly === undefined) return HIDDEN('appendonly');
  const snapshots = save === undefined ? 'snapshots unknown' : `save '${save}'`;
  if (!appendOnly) {
    return {
      status: 'wrong',
      found: `appendonly no, ${snapshots}`,
      advice: `${
        save === ''
          ? 'A restart of Redis loses every room and every answer'
          : 'A crash of Redis loses everything since the last snapshot'
      }. CONFIG SET appendonly yes, and the same in redis.conf.`,
    };
  }
  const found = `appendonly yes, appendfsync ${appendFsync ?? 'unknown'}`;
  if (lastWriteFailed) {
    return {
      status: 'wrong',
      found: `${found}, and the last write to disk failed`,
      advice:
        'Redis soon refuses writes (MISCONF). Look at its log; most often the disk is full or not writable.',
    };
  }
  switch (appendFsync) {
    case 'always':
      return { status: 'good', found };
    case 'everysec':
      return {
        status: 'good',
        found,
        advice:
          'A crash of the machine can lose about two seconds; appendfsync always loses nothing and is slower.',
      };
    case undefined:
      return {
        status: 'unknown',
        found,
        advice: 'Redis does not tell appendfsync; everysec or always is wanted.',
      };
    default:
      return {
        status: 'warning',
        found,
        advice:
          'The system decides when to write: a crash can lose half a minute. CONFIG SET appendfsync everysec.',
      };
  }
}

function memory({ usedMemoryBytes: used, maxMemoryBytes: max }: ServerFacts): Verdict {
  if (used === undefined) return HIDDEN('its memory');
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1_048_576)} MiB`;
  if (max === undefined || max === 0) return { status: 'good', found: `${megabytes(used)}, no bound` };
  const found = `${megabytes(used)} of ${megabytes(max)}`;
  return used < FULL * max
    ? { status: 'good', found }
    : {
        status: 'warning',
        found,
        advice:
          'When it is full, Redis refuses writes: no new rooms, no answers. Raise maxmemory, or lower QUIZBELL_RETENTION_MS.',
      };
}

function replication({ replicas, minReplicasToWrite: least }: ServerFacts): Verdict {
  if (replicas === undefined) return HIDDEN('its replicas');
  const found = `${replicas} replicas, min-replicas-to-write ${least ?? 'unknown'}`;
  if (replicas === 0 || (least ?? 0) > 0) return { status: 'good', found };
  return {
    status: least === undefined ? 'unknown' : 'warning',
    found,
    advice:
      'A master that is cut off goes on taking answers that a fail-over throws away. CONFIG SET min-replicas-to-write 1 (and min-replicas-max-lag 10) bounds that; with a single replica its loss then stops writes.',
  };
}

function coverage({ isClustered, requiresFullCoverage: required }: ServerFacts): Verdict {
  if (!isClustered) return { status: 'good', found: 'no Cluster' };
  if (required === undefined) return HIDDEN('cluster-require-full-coverage');
  return required
    ? {
        status: 'warning',
        found: 'yes',
        advice:
          'When one master is lost, the rooms of all masters stop. CONFIG SET cluster-require-full-coverage no.',
      }
    : { status: 'good', found: 'no' };
}

function clients({ clients: now, maxClients: most }: ServerFacts): Verdict {
  if (now === undefined) return HIDDEN('its clients');
  if (most === undefined)
    return { status: 'unknown', found: `${now}`, advice: 'Redis does not tell maxclients.' };
  const found = `${now} of ${most}`;
  return now < FULL * most
    ? { status: 'good', found }
    : {
        status: 'warning',
        found,
        advice:
          'Processes that start will be refused. Raise maxclients, and with it the limit of open files (ulimit -n) of Redis.',
      };
}

function latency({ roundTripMs }: ServerFacts): Verdict {
  const found = `${roundTripMs.toFixed(2)} ms`;
  return roundTripMs <= SLOW_ROUND_TRIP_MS
    ? { status: 'info', found }
    : {
        status: 'warning',
        found,
        advice:
          'From here. Each command waits for one or two round trips: run gateways and schedulers near Redis, in the same zone.',
      };
}

function clock({ clockAheadMs: ahead }: ServerFacts): Verdict {
  const found = `${Math.abs(Math.round(ahead))} ms ${ahead < 0 ? 'behind' : 'ahead of'} this machine`;
  return Math.abs(ahead) < CLOCKS_APART_MS
    ? { status: 'info', found }
    : {
        status: 'warning',
        found,
        advice:
          'Deadlines do not suffer, but tokens end by the clocks of the gateways. Let chrony or NTP set both.',
      };
}

function hiddenSettings({ hidesSettings }: ServerFacts): Verdict {
  return hidesSettings
    ? {
        status: 'unknown',
        found: 'hidden, as managed Redis often does',
        advice: 'What is marked unknown could not be checked, and the start of each process warns of it.',
      }
    : { status: 'good', found: 'allowed' };
}
