import { type DeliveryStore, type RoomSettings, shardOfRoom } from '#libs/room';
import type { RunId } from '#libs/timer-core';
import { firstBodyScript } from './outcome.scripts.js';
import type { KeySpace, RoomKeys } from './room.keys.js';
import { type RedisClient, ScriptRunner, storeCall } from './script.definition.js';

/** What deliveries of outcomes keep in Redis, in the slot of the room. What is no room id of this service names no room. */
export class RedisDeliveryStore implements DeliveryStore {
  private readonly scripts: ScriptRunner;

  constructor(
    private readonly redis: RedisClient,
    private readonly keys: KeySpace,
  ) {
    this.scripts = new ScriptRunner(redis);
  }

  async webhookOf(roomId: string): Promise<{ webhook: string | null } | null> {
    const keys = this.keysOf(roomId);
    const settings = keys && (await storeCall(() => this.redis.hget(keys.room, 'settings')));
    if (settings === null) return null;
    const { webhook = null, outcomes } = JSON.parse(settings) as RoomSettings;
    return outcomes === 'none' ? null : { webhook };
  }

  async firstBody(roomId: string, runId: RunId, digest: string): Promise<string | null> {
    const keys = this.keysOf(roomId);
    return keys && this.scripts.run(firstBodyScript, { keys, runId, digest });
  }

  private keysOf(roomId: string): RoomKeys | null {
    const shard = shardOfRoom(roomId, this.keys.shards);
    return shard === null ? null : this.keys.room(roomId, shard);
  }
}
