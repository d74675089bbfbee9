export { advance, decideDue, nextAt, notAfterAt } from './advance.js';
export {
  type Change,
  type QuestionEvent,
  type RoomClosedEvent,
  type RoomEvent,
  retell,
  versionOf,
} from './change.js';
export type * from './command.js';
export { MAX_COMMANDS_REMEMBERED } from './command.memory.js';
export { type Decision, decide, MAX_START_AHEAD_MS, type Refusal } from './decide.js';
export * from './judge.js';
export * from './room.state.js';
export { IN_FLIGHT_MS, type RunRecord, settlesAt } from './run.record.js';
export { type Snapshot, type SnapshotView, snapshotOf, tellView, viewOf } from './snapshot.js';
export { isTickTooLate, nextTickAt } from './tick.plan.js';
export { type TimelineEntry, timelineOf } from './timeline.js';
export * from './units.js';
