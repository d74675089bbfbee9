import { describe, expect, it } from '@jest/globals';
import type { ServerFacts } from '#libs/redis-store';
import type { Check } from './check.types.js';
import { contactChecks, redisChecks } from './redis.checks.js';

const GOOD: ServerFacts = {
  address: '10.0.0.1:6379',
  version: '8.0.1',
  isClustered: false,
  hidesSettings: false,
  evictionPolicy: 'noeviction',
  usedMemoryBytes: 1_048_576,
  maxMemoryBytes: 0,
  appendOnly: true,
  appendFsync: 'everysec',
  save: '',
  lastWriteFailed: false,
  replicas: 0,
  minReplicasToWrite: 0,
  requiresFullCoverage: undefined,
  clients: 10,
  maxClients: 10_000,
  roundTripMs: 0.3,
  clockAheadMs: -2,
};

function of(id: string, ...facts: Partial<ServerFacts>[]): Check {
  const checks = redisChecks(facts.map((each) => ({ ...GOOD, ...each })));
  const found = checks.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no ${id} in ${checks.map((each) => each.id).join()}`);
  return found;
}

describe('the checks of Redis', () => {
  it('find nothing at a good one', () => {
    for (const { id, status } of redisChecks([GOOD]))
      expect([id, status]).toEqual([id, expect.stringMatching(/good|info/)]);
  });

  it.each<[string, Partial<ServerFacts>, string]>([
    ['redis-version', { version: '6.2.14' }, 'wrong'],
    ['redis-version', { version: '7.0.0' }, 'good'],
    ['redis-version', { version: '10.0.0' }, 'good'],
    ['redis-version', { version: undefined }, 'unknown'],
    ['redis-eviction', { evictionPolicy: 'volatile-ttl' }, 'wrong'],
    ['redis-eviction', { evictionPolicy: undefined }, 'unknown'],
    ['redis-persistence', { appendOnly: false }, 'wrong'],
    ['redis-persistence', { appendOnly: false, save: '60 1' }, 'wrong'],
    ['redis-persistence', { appendOnly: undefined }, 'unknown'],
    ['redis-persistence', { appendFsync: 'always' }, 'good'],
    ['redis-persistence', { appendFsync: 'no' }, 'warning'],
    ['redis-persistence', { appendFsync: undefined }, 'unknown'],
    ['redis-persistence', { lastWriteFailed: true }, 'wrong'],
    ['redis-memory', { usedMemoryBytes: 79, maxMemoryBytes: 100 }, 'good'],
    ['redis-memory', { usedMemoryBytes: 80, maxMemoryBytes: 100 }, 'warning'],
    ['redis-replication', { replicas: 1 }, 'warning'],
    ['redis-replication', { replicas: 1, minReplicasToWrite: 1 }, 'good'],
    ['redis-replication', { replicas: 1, minReplicasToWrite: undefined }, 'unknown'],
    ['redis-coverage', { isClustered: true, requiresFullCoverage: true }, 'warning'],
    ['redis-coverage', { isClustered: true, requiresFullCoverage: false }, 'good'],
    ['redis-clients', { clients: 8_000 }, 'warning'],
    ['redis-clients', { maxClients: undefined }, 'unknown'],
    ['redis-latency', { roundTripMs: 5.1 }, 'warning'],
    ['redis-clock', { clockAheadMs: -61_000 }, 'warning'],
    ['redis-settings', { hidesSettings: true }, 'unknown'],
  ])('%s with %j is %s', (id, facts, status) => {
    const { status: is, ok, advice } = of(id, facts);
    expect([is, ok]).toEqual([status, status !== 'wrong']);
    if (['wrong', 'warning', 'unknown'].includes(status)) expect(advice).not.toBe('');
  });

  it('of several servers go by the worst one, and name it', () => {
    const { status, found } = of('redis-eviction', {}, { address: 'b:1', evictionPolicy: 'allkeys-lru' });
    expect([status, found]).toEqual(['wrong', '10.0.0.1:6379: noeviction; b:1: allkeys-lru']);
    expect(of('redis-eviction', {}, { address: 'b:1' }).found).toBe('noeviction');
  });

  it('look at replicas and Clusters only where there are any', () => {
    const ids = redisChecks([GOOD]).map(({ id }) => id);
    expect(ids).not.toContain('redis-replication');
    expect(ids).not.toContain('redis-coverage');
  });

  it('tell a Redis without a password from one that refuses ours', () => {
    const status = (...args: Parameters<typeof contactChecks>) =>
      contactChecks(...args).map((each) => each.status);
    expect(status(undefined, true)).toEqual(['good', 'good']);
    expect(status(undefined, false)).toEqual(['good', 'warning']);
    expect(status({ kind: 'password', message: 'NOAUTH' }, false)).toEqual(['good', 'wrong']);
    expect(status({ kind: 'unreachable', message: 'no' }, false)).toEqual(['wrong']);
    expect(status({ kind: 'forbidden', message: 'NOPERM' }, false)).toEqual(['wrong']);
  });
});
