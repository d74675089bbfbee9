import type { Redis } from 'ioredis';
import type { ServerFacts } from './deployment.facts.js';

/** The median of so many round trips: one alone may have met a busy moment. */
const PINGS = 7;

/** Looks at one server. What it hides is undefined. */
export async function inspectServer(redis: Redis): Promise<ServerFacts> {
  const { roundTripMs, clockAheadMs } = await pinged(redis);
  const info = await infoOf(redis);
  const settings = await settingsOf(redis);
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const yes = (text: string | undefined) => (text === undefined ? undefined : text === 'yes');
  const aof = info.get('aof_enabled');
  const failures = ['rdb_last_bgsave_status', 'aof_last_bgrewrite_status', 'aof_last_write_status'];
  const isClustered = info.get('redis_mode') === 'cluster';
  return {
    address: `${redis.options.host ?? 'localhost'}:${redis.options.port ?? 6379}`,
    version: info.get('redis_version'),
    isClustered,
    hidesSettings: settings.size === 0,
    evictionPolicy: settings.get('maxmemory-policy') ?? info.get('maxmemory_policy'),
    usedMemoryBytes: number(info.get('used_memory')),
    maxMemoryBytes: number(info.get('maxmemory')),
    appendOnly: yes(settings.get('appendonly')) ?? (aof === undefined ? undefined : aof === '1'),
    appendFsync: settings.get('appendfsync'),
    save: settings.get('save'),
    lastWriteFailed: info.has('rdb_last_bgsave_status')
      ? failures.some((name) => info.get(name) === 'err')
      : undefined,
    replicas: number(info.get('connected_slaves')),
    minReplicasToWrite: number(settings.get('min-replicas-to-write')),
    requiresFullCoverage: isClustered ? yes(settings.get('cluster-require-full-coverage')) : undefined,
    clients: number(info.get('connected_clients')),
    maxClients: number(settings.get('maxclients') ?? info.get('maxclients')),
    roundTripMs,
    clockAheadMs,
  };
}

async function pinged(redis: Redis): Promise<{ roundTripMs: number; clockAheadMs: number }> {
  const samples: { roundTripMs: number; clockAheadMs: number }[] = [];
  for (let i = 0; i < PINGS; i += 1) {
    const sentAt = performance.now();
    const wallAt = Date.now();
    const [seconds, micros] = await redis.time();
    const roundTripMs = performance.now() - sentAt;
    const serverMs = Number(seconds) * 1_000 + Number(micros) / 1_000;
    samples.push({ roundTripMs, clockAheadMs: serverMs - (wallAt + roundTripMs / 2) });
  }
  samples.sort((a, b) => a.roundTripMs - b.roundTripMs);
  // The clock by the fastest one, which is the most exact.
  return {
    roundTripMs: samples[Math.floor(PINGS / 2)]?.roundTripMs ?? 0,
    clockAheadMs: samples[0]?.clockAheadMs ?? 0,
  };
}

/** All of INFO by name; empty where it is hidden. */
async function infoOf(redis: Redis): Promise<Map<string, string>> {
  const text = await redis.info().catch(() => '');
  const rows = [...text.matchAll(/^([a-z_0-9]+):(.*?)\r?$/gm)];
  return new Map(rows.map(([, name = '', value = '']) => [name, value]));
}

const SETTINGS = [
  'maxmemory-policy',
  'appendonly',
  'appendfsync',
  'save',
  'min-replicas-to-write',
  'cluster-require-full-coverage',
  'maxclients',
];

/** The settings that were told; empty where they are hidden. */
async function settingsOf(redis: Redis): Promise<Map<string, string>> {
  const told = new Map<string, string>();
  for (const name of SETTINGS) {
    const [, value] = ((await redis.config('GET', name).catch(() => [])) as string[]) ?? [];
    if (value !== undefined) told.set(name, value);
  }
  return told;
}
