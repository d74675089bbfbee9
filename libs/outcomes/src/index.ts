// The outcomes of settled runs, sent to webhooks: a queue in Redis, or the memory of the embedded process.
export { BOARD_PATH } from './outcome.board.js';
export { type OutcomeJob, outcomeName } from './outcome.name.js';
export { OutcomeQueue, type OutcomeQueueOptions, type QueueCounts } from './outcome.queue.js';
export {
  type OutcomeSending,
  type OutcomeSendingOptions,
  type QueueConnections,
  startOutcomeSending,
} from './outcome.sending.js';
