import { afterAll } from '@jest/globals';
import { type RedisCluster, startRedisCluster } from '#libs/testing';
import { describeAnswers } from './answers.suite.js';
import { describeMembers } from './members.suite.js';
import { describeOutcomes } from './outcomes.suite.js';
import { describeOwnerStore } from './owner.store.suite.js';
import { describeRoomLife } from './room.life.suite.js';
import { describeRoomStore } from './room.store.suite.js';
import { clusterHarness, memoryHarness, redisHarness } from './store.harness.js';

// One for all suites, each with a prefix of its own: a cluster takes seconds to form.
let starting: Promise<RedisCluster> | undefined;
function sharedCluster(): Promise<RedisCluster> {
  starting ??= startRedisCluster();
  return starting;
}
afterAll(async () => (await starting)?.stop());

for (const [name, create] of [
  ['memory', memoryHarness],
  ['Redis', () => redisHarness('room-store')],
  ['Redis Cluster', async () => clusterHarness('room-store', await sharedCluster())],
] as const) {
  describeRoomStore(name, create);
  describeRoomLife(name, create);
  describeOwnerStore(name, create);
  describeMembers(name, create);
  describeOutcomes(name, create);
  describeAnswers(name, create);
}
