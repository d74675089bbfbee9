import { type EdgeBroadcasts, EmbeddedPublisher } from '#libs/edge';
import { type Config, MonotonicClock, monotonicEpochMs } from '#libs/ops';
import { MemoryRoomStore, SoleOwnership } from '#libs/room';
import { durationMs } from '#libs/timer-core';
import type { RoomBackend } from './room.backend.js';

/** Rooms in this process' memory; they end with it. */
export function memoryBackend(config: Config, broadcasts: EdgeBroadcasts): RoomBackend {
  const ownership = new SoleOwnership();
  const publisher = new EmbeddedPublisher(broadcasts);
  const store = new MemoryRoomStore({
    now: monotonicEpochMs,
    publish: (channel, event) => publisher.publish(channel, event),
    changed: (roomId, version) => ownership.changed(roomId, version),
    retentionMs: durationMs(config.rooms.retentionMs),
    fence: () => ownership.fence,
  });
  return {
    store,
    clock: new MonotonicClock(),
    ownership,
    broadcast: publisher,
    warnings: [],
    ready: async () => true,
    startHeartbeat: async () => {},
    close: async () => {},
  };
}
