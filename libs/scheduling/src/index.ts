export { Scheduler } from './scheduler.js';
export type { FiredKind, SchedulerLogger, SchedulerObserver, SchedulerOptions } from './scheduler.options.js';
export { SchedulingModule } from './scheduling.module.js';
