import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { PATIENT, testRedisUrl } from '#libs/testing';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { itMissesNothingBehindJoins } from './support/join.race.suite.js';
import { type RedisProxy, startRedisProxy } from './support/redis.proxy.js';
import { closeAllClients } from './support/room.client.js';

/** Longer than all else that a join asks of Redis: a join that does not wait for its subscription is answered before. */
const SUBSCRIBING_LAG_MS = 20;

let cluster: Cluster;
/** Gateway B's way to Redis. */
let toB: RedisProxy;

beforeAll(async () => {
  toB = await startRedisProxy(testRedisUrl(), { subscribingLagMs: SUBSCRIBING_LAG_MS });
  cluster = await startCluster('join-race', {
    gatewayRedisUrls: { a: testRedisUrl(), b: toB.url },
    env: PATIENT,
  });
});
afterEach(closeAllClients);
afterAll(async () => {
  await cluster?.stop();
  await toB?.stop();
});

itMissesNothingBehindJoins(() => cluster);
