export * from './eventually.wait.js';
export type { GuardedChild, ProcessExit } from './guarded.child.js';
export { ProcessFailure } from './guarded.child.js';
export * from './process.harness.js';
export * from './quiz.client.js';
export * from './redis.harness.js';
export * from './redis.server.js';
export * from './rest.client.js';
