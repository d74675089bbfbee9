export * from './answer.ports.js';
export {
  AnswerService,
  type AnswerServiceOptions,
  MAX_JUDGE_ATTEMPTS,
  type SubmittedAnswer,
} from './answer.service.js';
export * from './limit.ports.js';
export { nameBases } from './member.names.js';
export * from './member.ports.js';
export {
  type Actor,
  type Admitted,
  type Entrant,
  MemberService,
  type MemberServiceOptions,
} from './member.service.js';
export { MemoryAnswerStore } from './memory/memory.answer.store.js';
export { MemoryDeliveryStore } from './memory/memory.delivery.store.js';
export { MemoryMemberStore, type MemoryMemberStoreOptions } from './memory/memory.member.store.js';
export { MemoryRoomStore, type MemoryRoomStoreOptions } from './memory/memory.room.store.js';
export { MemoryRooms } from './memory/memory.rooms.js';
export { SoleOwnership } from './memory/sole.ownership.js';
export type {
  Outcome,
  OutcomeAnswer,
  OutcomeCounts,
  OutcomeEntry,
  OutcomeVerdictEntry,
} from './outcome.js';
export * from './outcome.ports.js';
export { OutcomeService, type RunChoice } from './outcome.service.js';
export * from './presence.ports.js';
export {
  type ContentOfEvent,
  contentOf,
  type PublishedEvent,
  publishedEvent,
  publishedTick,
} from './room.events.js';
export { newRoomId, ROOM_ID_LENGTH, roomsOfShard, shardOfPin, shardOfRoom } from './room.id.js';
export * from './room.ports.js';
export type { RoomRefusal } from './room.refusal.js';
export {
  API_ACTOR_PREFIX,
  type CommandDone,
  DECISION_HOLDS_MS,
  MAX_COMMIT_ATTEMPTS,
  OWNERLESS_AFTER_MS,
  type RoomEnd,
  RoomService,
  type RoomServiceOptions,
  type RoomView,
  type StartExtras,
} from './room.service.js';
export { type ChoiceCount, type RunResults, resultsOf } from './run.results.js';
