import { describeMembers } from './members.suite.js';
import { describeOwnerStore } from './owner.store.suite.js';
import { describeRoomLife } from './room.life.suite.js';
import { describeRoomStore } from './room.store.suite.js';
import { clusterHarness, memoryHarness, redisHarness } from './store.harness.js';

for (const [name, create] of [
  ['memory', memoryHarness],
  ['Redis', () => redisHarness('room-store')],
  ['Redis Cluster', () => clusterHarness('room-store')],
] as const) {
  describeRoomStore(name, create);
  describeRoomLife(name, create);
  describeOwnerStore(name, create);
  describeMembers(name, create);
}
