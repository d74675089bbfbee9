import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { LATENCY_BUCKETS_S } from './metrics.buckets.js';

/** What a scheduler counts: what it fired, what it owns, what its audit found. */
export const schedulerMetrics = (registers: Registry[]) => ({
  /** How long after its deadline a question was closed (or opened after its lead-in). */
  expiryLateness: new Histogram({
    name: 'quizbell_expiry_lateness_seconds',
    help: 'How long after its due instant a question was opened or closed, by kind (opened, closed)',
    labelNames: ['kind'] as const,
    buckets: LATENCY_BUCKETS_S,
    registers,
  }),

  tickLateness: new Histogram({
    name: 'quizbell_tick_lateness_seconds',
    help: 'How long after its instant a tick was sent; the skipped ones are not in it',
    buckets: LATENCY_BUCKETS_S,
    registers,
  }),

  /** Ticks by result: `sent`, or `skipped` because they were late by more than half an interval. */
  ticks: new Counter({
    name: 'quizbell_ticks_total',
    help: 'Ticks by result (sent, skipped)',
    labelNames: ['result'] as const,
    registers,
  }),

  /** Plans that the store refused because the room had another version by then. */
  stalePlans: new Counter({
    name: 'quizbell_stale_plans_total',
    help: 'Ticks and due commits that were planned on another version of the room and planned again',
    registers,
  }),

  takeOvers: new Counter({
    name: 'quizbell_takeovers_total',
    help: 'Shards that this scheduler took over',
    registers,
  }),

  shardsOwned: new Gauge({
    name: 'quizbell_shards_owned',
    help: 'Shards that this scheduler owns now',
    registers,
  }),

  /** For alerts: what all schedulers own together should be this. */
  shards: new Gauge({
    name: 'quizbell_shards',
    help: 'Shards that there are, the same in every scheduler (QUIZBELL_SHARDS)',
    registers,
  }),

  settledRuns: new Counter({
    name: 'quizbell_runs_settled_total',
    help: 'Runs whose outcome this scheduler fixed',
    registers,
  }),

  /** Should stay 0: due instants and states are written by the same commits. */
  auditFindings: new Counter({
    name: 'quizbell_audit_findings_total',
    help: 'Rooms whose due instant is not what their state says, found by the background audit',
    registers,
  }),

  auditedRooms: new Counter({
    name: 'quizbell_audited_rooms_total',
    help: 'Rooms that the background audit has looked at',
    registers,
  }),

  clockSteps: new Counter({
    name: 'quizbell_clock_steps_total',
    help: 'Jumps of the Redis clock that were taken out of its correction',
    registers,
  }),

  /** Counts whenever the metrics are asked for: the owner knows the phase of each of its rooms. */
  observeRooms: (count: () => Readonly<Record<string, number>>): void => {
    new Gauge({
      name: 'quizbell_rooms',
      help: 'Rooms of the shards that this scheduler owns, by phase (idle, lead-in, open, paused, closed)',
      labelNames: ['phase'] as const,
      registers,
      collect() {
        for (const [phase, rooms] of Object.entries(count())) this.set({ phase }, rooms);
      },
    });
  },
});

export type SchedulerMetrics = ReturnType<typeof schedulerMetrics>;
