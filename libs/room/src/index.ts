export { MemoryRoomStore, type MemoryRoomStoreOptions, rosterOf } from './memory/memory.room.store.js';
export { SoleOwnership } from './memory/sole.ownership.js';
export {
  type ContentOfEvent,
  contentOf,
  type PublishedEvent,
  publishedEvent,
  publishedTick,
} from './room.events.js';
export { newRoomId, ROOM_ID_LENGTH, shardOfPin, shardOfRoom } from './room.id.js';
export * from './room.ports.js';
export {
  type CommandDone,
  DECISION_HOLDS_MS,
  MAX_COMMIT_ATTEMPTS,
  OWNERLESS_AFTER_MS,
  type RoomEnd,
  type RoomRefusal,
  RoomService,
  type RoomServiceOptions,
  type RoomView,
  type StartExtras,
} from './room.service.js';
