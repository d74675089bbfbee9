import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Fence, type Ownership, StoreUnavailableError } from '#libs/room';
import {
  closeRedisClient,
  eventually,
  eventuallyPasses,
  type RedisServer,
  redisClient,
  startRedisServer,
  stopAllRedisServers,
} from '#libs/testing';
import { epochMs } from '#libs/timer-core';
import { LEASE_MS, RedisBackend } from '../src/index.js';
import { changesAreHeard, deciding, does, existing, outcomeOf, roomIn, start } from './room.fixture.js';

const TIMEOUT_MS = 3_000;
/** Of those whose calls are meant to fail. */
const SHORT_TIMEOUT_MS = 1_000;
const SHARDS = 2;
/** What a loaded machine may add to a time that is promised. */
const SLACK_MS = 5_000;
/** So long that whoever waits for it is told from whoever does not, on a loaded machine too. */
const LONG_TIMEOUT_MS = 20_000;

// Jest fails a test during which a rejection goes unhandled: that is how these would see one.
let server: RedisServer;
let backend: RedisBackend;
const open = (processName: string, timeoutMs = TIMEOUT_MS): Promise<RedisBackend> =>
  RedisBackend.connect({
    url: server.url,
    prefix: 'qb',
    shards: SHARDS,
    retentionMs: 60_000,
    timeoutMs,
    processName,
  });

afterAll(() => stopAllRedisServers());
beforeEach(async () => {
  server = await startRedisServer();
  backend = await open('trouble');
});
afterEach(async () => {
  server.thaw();
  await backend.close();
  await server.stop();
});

const room = () => roomIn(backend.store, { now: backend.clock.now(0) });
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no failure',
    (error: unknown) => error,
  );

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const from = performance.now();
  const value = await work;
  return { value, ms: performance.now() - from };
}

/** Records what an ownership tells, and when. */
class Witness {
  readonly held = new Map<number, Fence>();
  readonly told: string[] = [];
  readonly changes: string[] = [];
  revokedAt = 0;

  readonly listener = {
    granted: (fence: Fence): void => {
      this.held.set(fence.shard, fence);
      this.told.push(`granted ${fence.shard}`);
    },
    revoked: (shard: number): void => {
      this.held.delete(shard);
      this.revokedAt = performance.now();
      this.told.push(`revoked ${shard}`);
    },
    changed: (_: number, roomId: string): void => {
      this.changes.push(roomId);
    },
  };
}

async function owning(from: RedisBackend): Promise<{ ownership: Ownership; witness: Witness }> {
  const witness = new Witness();
  const ownership = from.ownership();
  await ownership.start(witness.listener);
  return { ownership, witness };
}

describe('while Redis does not answer', () => {
  it('every call fails as unavailable after the timeout, and works again once it answers', async () => {
    const loaded = await room();
    const { roomId, pin } = loaded.state;
    const impatient = await open('impatient', SHORT_TIMEOUT_MS);
    const { store } = impatient;
    await server.freeze();
    const calls = [
      store.load(roomId),
      store.findByPin(pin),
      impatient.members.admission(roomId, null),
      store.commit(deciding(loaded, start())),
      store.schedule(0),
      impatient.members.roster(roomId, { away: true }),
      store.occupiedAt(roomId),
    ];
    const { value: failures, ms } = await timed(Promise.all(calls.map(failureOf)));
    for (const failure of failures) expect(failure).toBeInstanceOf(StoreUnavailableError);
    expect(ms).toBeGreaterThan(SHORT_TIMEOUT_MS - 50);
    expect(ms).toBeLessThan(SHORT_TIMEOUT_MS + SLACK_MS);
    expect(await impatient.ready()).toBe(false);
    server.thaw();
    await eventuallyPasses(async () => expect(await store.load(roomId)).not.toBeNull());
    await eventually(() => impatient.ready());
    await impatient.close();
  });

  // A command that its client gave up still lies in the server's socket: it is applied when the server goes on.
  it('a commit that was given up does not land after its window', async () => {
    const loaded = await room();
    const impatient = await open('impatient', SHORT_TIMEOUT_MS);
    const request = deciding(loaded, start(), { notAfterAt: epochMs(loaded.now + 1_000) });
    await server.freeze();
    expect(await failureOf(impatient.store.commit(request))).toBeInstanceOf(StoreUnavailableError);
    // What is known of the clock of Redis is no more exact than the machine is idle.
    await eventually(() => backend.clock.now(0) > request.notAfterAt + 1_000);
    server.thaw();
    const later = await eventually(() => impatient.store.load(loaded.state.roomId).catch(() => null));
    expect(later.now).toBeGreaterThanOrEqual(request.notAfterAt);
    expect(later.state).toEqual(loaded.state);
    await impatient.close();
  });

  it('a commit that was given up may land within its window, and then a repeat is known', async () => {
    const loaded = await room();
    const impatient = await open('impatient', SHORT_TIMEOUT_MS);
    const request = deciding(loaded, start(), { notAfterAt: epochMs(loaded.now + 60_000) });
    await server.freeze();
    expect(await failureOf(impatient.store.commit(request))).toBeInstanceOf(StoreUnavailableError);
    server.thaw();
    const later = await eventually(() => impatient.store.load(loaded.state.roomId).catch(() => null));
    expect(later.state).toEqual(request.change.state);
    expect(outcomeOf(await backend.store.commit(request))).toBe('version');
    await impatient.close();
  });

  it('a process can still end', async () => {
    const other = await open('ending', SHORT_TIMEOUT_MS);
    await other.socketAdapter({ observe: () => {} });
    await other.startHeartbeat();
    const { ownership } = await owning(other);
    await server.freeze();
    const { ms } = await timed(ownership.stop().then(() => other.close()));
    expect(ms).toBeLessThan(2 * SHORT_TIMEOUT_MS + 500 + SLACK_MS);
  });
});

describe('when Redis was killed', () => {
  it('calls fail at once, and work again on the same port without a restart of ours', async () => {
    const patient = await open('patient', LONG_TIMEOUT_MS);
    await room();
    await server.kill();
    await eventually(async () => !(await patient.ready()));
    const { value, ms } = await timed(failureOf(patient.store.findByPin('123456')));
    expect(value).toBeInstanceOf(StoreUnavailableError);
    expect(ms).toBeLessThan(LONG_TIMEOUT_MS / 2);
    await patient.close();
    await server.restart();
    await eventually(() => backend.ready());
    const { state } = await room();
    await does(backend.store, state.roomId, start());
  });

  it('killed and back at once, again and again: the owner has all its shards again each time', async () => {
    const keeping = await startRedisServer({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
    const { url } = keeping;
    const options = {
      prefix: 'quick',
      shards: SHARDS,
      retentionMs: 60_000,
      timeoutMs: TIMEOUT_MS,
    };
    const quick = await RedisBackend.connect({ ...options, url, processName: 'quick' });
    const { ownership, witness } = await owning(quick);
    for (let round = 0; round < 5; round++) {
      await eventually(() => witness.held.size === SHARDS);
      const granted = witness.told.length;
      await keeping.kill();
      await keeping.restart();
      // The run of Redis is another one, so each shard is granted anew.
      await eventually(() => witness.told.length >= granted + 2 * SHARDS && witness.held.size === SHARDS, {
        message: `round ${round}: a shard has no owner`,
      });
    }
    await ownership.stop();
    await quick.close();
    await keeping.stop();
  });

  // ioredis never settles the blocking read of a connection that is ended between two tries to connect. Whoever waited
  // for it waited for ever: a stop, and the renewal of a shard after a quick restart, which then had no owner any more.
  it('an owner can stop while its readers are between two tries to connect', async () => {
    const { ownership, witness } = await owning(backend);
    await eventually(() => witness.held.size === SHARDS);
    await server.kill();
    await eventually(async () => !(await backend.ready()));
    const { ms } = await timed(ownership.stop());
    expect(ms).toBeLessThan(SLACK_MS);
    expect(witness.held.size).toBe(0);
    await server.restart();
  });

  it('the owner loses its shards in time, gets them again, and follows the changes again', async () => {
    const { ownership, witness } = await owning(backend);
    await eventually(() => witness.held.size === SHARDS);
    const killedAt = performance.now();
    await server.kill();
    await eventually(() => witness.held.size === 0);
    expect(witness.revokedAt - killedAt).toBeLessThan(LEASE_MS + SLACK_MS);
    await server.restart();
    await eventually(() => witness.held.size === SHARDS);
    await changesAreHeard(witness, async () => {
      const { roomId } = (await room()).state;
      await does(backend.store, roomId, start());
      return [roomId, roomId];
    });
    await ownership.stop();
  });
});

describe('when Redis has forgotten the scripts', () => {
  it('they are sent again', async () => {
    const { state } = await room();
    const redis = redisClient(server.url);
    await redis.script('FLUSH');
    await expect(backend.store.load(state.roomId)).resolves.toMatchObject({ state });
    await redis.script('FLUSH');
    await does(backend.store, state.roomId, start());
    await closeRedisClient(redis);
  });
});

describe('an owner', () => {
  it('that cannot renew stops acting when its lease is over, not when its renewal fails', async () => {
    // Its renewal fails long after its lease is over.
    const patient = await open('patient', LONG_TIMEOUT_MS);
    const { ownership, witness } = await owning(patient);
    await eventually(() => witness.held.size === SHARDS);
    const frozenAt = performance.now();
    await server.freeze();
    await eventually(() => witness.held.size === 0);
    // The last renewal was sent up to 300 ms before, and on a machine that stood still even earlier.
    expect(witness.revokedAt - frozenAt).toBeGreaterThan(200);
    expect(witness.revokedAt - frozenAt).toBeLessThan(LEASE_MS + SLACK_MS);
    server.thaw();
    await eventually(() => witness.held.size === SHARDS);
    await ownership.stop();
    await patient.close();
  });

  it('whose lease nobody took has it again under the same epoch', async () => {
    const { ownership, witness } = await owning(backend);
    await eventually(() => witness.held.size === SHARDS);
    const epochs = [...witness.held.values()].map((fence) => fence.epoch);
    await server.freeze();
    await eventually(() => witness.held.size === 0);
    server.thaw();
    await eventually(() => witness.held.size === SHARDS);
    expect([...witness.held.values()].map((fence) => fence.epoch)).toEqual(epochs);
    await ownership.stop();
  });

  it('is told of every change from the moment it is granted', async () => {
    const { ownership, witness } = await owning(backend);
    await eventually(() => witness.held.size === SHARDS);
    const ids = await changesAreHeard(witness, async () => {
      const made: string[] = [];
      for (let i = 0; i < 50; i++) made.push((await room()).state.roomId);
      return made;
    });
    const fence = witness.held.get(0);
    if (fence === undefined) throw new Error('not held');
    const [first = ''] = ids;
    const loaded = existing(await backend.store.load(first));
    expect((await backend.store.commitMany(fence, [deciding(loaded, start())])).map(outcomeOf)).toEqual([
      'committed',
    ]);
    await ownership.stop();
    expect(await backend.store.due(fence, 1)).toBe('fenced');
  });
});
