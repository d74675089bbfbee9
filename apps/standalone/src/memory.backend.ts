import { type EdgeBroadcasts, EmbeddedPublisher, MemoryLimits } from '#libs/edge';
import { type Config, MonotonicClock, monotonicEpochMs } from '#libs/ops';
import {
  MemoryAnswerStore,
  MemoryDeliveryStore,
  MemoryMemberStore,
  MemoryRoomStore,
  MemoryRooms,
  SoleOwnership,
} from '#libs/room';
import { durationMs } from '#libs/timer-core';
import type { RoomBackend } from './room.backend.js';

/** Rooms in this process' memory; they end with it. */
export function memoryBackend(config: Config, broadcasts: EdgeBroadcasts): RoomBackend {
  const ownership = new SoleOwnership();
  const publisher = new EmbeddedPublisher(broadcasts);
  const memory = new MemoryRooms(monotonicEpochMs);
  const store = new MemoryRoomStore({
    memory,
    publish: (channel, event) => publisher.publish(channel, event),
    changed: (roomId, version) => ownership.changed(roomId, version),
    retentionMs: durationMs(config.rooms.retentionMs),
    maxRooms: config.rooms.maxRooms,
    fence: () => ownership.fence,
  });
  return {
    store,
    members: new MemoryMemberStore(memory, {
      publish: (channel, event, except) => publisher.publish(channel, event, except),
      channel: (audience, roomId, playerId) => store.channel(audience, roomId, playerId),
      fence: () => ownership.fence,
    }),
    answers: new MemoryAnswerStore(memory, { retentionMs: durationMs(config.rooms.retentionMs) }),
    deliveries: new MemoryDeliveryStore(memory),
    clock: new MonotonicClock(),
    ownership,
    broadcast: publisher,
    limits: new MemoryLimits(config.limits.shared),
    warnings: [],
    checks: async () => ({ shards: ownership.isOwning }),
    startHeartbeat: async () => {},
    close: async () => {},
  };
}
