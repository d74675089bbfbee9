import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Bounds of the latency histograms, milliseconds: fine where the promises lie (10-50), coarse where alarms do. */
const LATENCY_BUCKETS_MS = [1, 2, 5, 10, 20, 35, 50, 75, 100, 200, 500, 1_000, 2_000, 5_000];

/** Everything that a process counts. One object a process; parts that it does not run stay at 0. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly registers = [this.registry];

  // Gateway

  /** Commands by event and result: `ok`, or the code of the refusal. Unknown events count as `unknown`. */
  readonly commands = new Counter({
    name: 'quizbell_commands_total',
    help: 'Commands of clients by event and result (ok or an error code)',
    labelNames: ['event', 'result'] as const,
    registers: this.registers,
  });

  /** From the arrival of a command to its ack, queueing behind the socket's earlier commands included. */
  readonly commandDurationMs = new Histogram({
    name: 'quizbell_command_duration_ms',
    help: 'Time from the arrival of a command to its acknowledgement, milliseconds',
    labelNames: ['event'] as const,
    buckets: LATENCY_BUCKETS_MS,
    registers: this.registers,
  });

  /** Refusals that nobody was told of, because the client asked for no ack. */
  readonly droppedRefusals = new Counter({
    name: 'quizbell_refusals_dropped_total',
    help: 'Refused commands without an ack callback: the client was told nothing',
    labelNames: ['event', 'result'] as const,
    registers: this.registers,
  });

  /** By the limit that was reached. */
  readonly limitRefusals = new Counter({
    name: 'quizbell_limit_refusals_total',
    help: 'What was refused, or ended, because a limit was reached, by limit',
    labelNames: ['limit'] as const,
    registers: this.registers,
  });

  /** Answers by verdict. */
  readonly verdicts = new Counter({
    name: 'quizbell_verdicts_total',
    help: 'Judged answers by verdict',
    labelNames: ['verdict'] as const,
    registers: this.registers,
  });

  /** Answers whose instant of receiving was moved, because they had been on their way for more than the time in flight. */
  readonly clampedAnswers = new Counter({
    name: 'quizbell_answers_clamped_total',
    help: 'Answers that were judged by another instant than that of their receiving: too long in flight',
    registers: this.registers,
  });

  /** Stalls of the event loop after which frames were read: their players got the benefit of the doubt. */
  readonly receiveStalls = new Counter({
    name: 'quizbell_receive_stalls_total',
    help: 'Stalls of the event loop in which frames may have waited',
    registers: this.registers,
  });

  readonly restRequests = new Counter({
    name: 'quizbell_rest_requests_total',
    help: 'REST requests by method and status',
    labelNames: ['method', 'status'] as const,
    registers: this.registers,
  });

  readonly connections = new Gauge({
    name: 'quizbell_connections',
    help: 'Sockets that are connected to this gateway',
    registers: this.registers,
  });

  /** Broadcasts of rooms that reached this gateway. */
  readonly broadcasts = new Counter({
    name: 'quizbell_broadcasts_total',
    help: 'Broadcasts that this gateway delivered to its sockets, by event',
    labelNames: ['event'] as const,
    registers: this.registers,
  });

  /** How often this gateway could not rule out that it missed broadcasts. */
  readonly subscriptionGaps = new Counter({
    name: 'quizbell_subscription_gaps_total',
    help: 'Times that broadcasts may have been missed: the subscribing connection was lost or silent',
    registers: this.registers,
  });

  /** Rooms by what came of telling their members after a gap; `overtaken`: events did it first. */
  readonly roomStates = new Counter({
    name: 'quizbell_room_states_total',
    help: 'Rooms whose members were told the state after a gap, by result (sent, overtaken, ended, gone)',
    labelNames: ['result'] as const,
    registers: this.registers,
  });

  // Scheduler

  /** How long after its deadline a question was closed (or opened after its lead-in). */
  readonly expiryLatenessMs = new Histogram({
    name: 'quizbell_expiry_lateness_ms',
    help: 'How long after its due instant a room change was committed, milliseconds',
    buckets: LATENCY_BUCKETS_MS,
    registers: this.registers,
  });

  /** Ticks by result: `sent`, or `skipped` because they were late by more than half an interval. */
  readonly ticks = new Counter({
    name: 'quizbell_ticks_total',
    help: 'Ticks by result (sent, skipped)',
    labelNames: ['result'] as const,
    registers: this.registers,
  });

  /** Plans that the store refused because the room had another version by then. */
  readonly stalePlans = new Counter({
    name: 'quizbell_stale_plans_total',
    help: 'Ticks and due commits that were planned on another version of the room and planned again',
    registers: this.registers,
  });

  readonly takeOvers = new Counter({
    name: 'quizbell_takeovers_total',
    help: 'Shards that this scheduler took over',
    registers: this.registers,
  });

  readonly shardsOwned = new Gauge({
    name: 'quizbell_shards_owned',
    help: 'Shards that this scheduler owns now',
    registers: this.registers,
  });

  readonly settledRuns = new Counter({
    name: 'quizbell_runs_settled_total',
    help: 'Runs whose outcome this scheduler fixed',
    registers: this.registers,
  });

  /** Should stay 0: due instants and states are written by the same commits. */
  readonly auditFindings = new Counter({
    name: 'quizbell_audit_findings_total',
    help: 'Rooms whose due instant is not what their state says, found by the background audit',
    registers: this.registers,
  });

  readonly auditedRooms = new Counter({
    name: 'quizbell_audited_rooms_total',
    help: 'Rooms that the background audit has looked at',
    registers: this.registers,
  });

  readonly clockSteps = new Counter({
    name: 'quizbell_clock_steps_total',
    help: 'Jumps of the Redis clock that were taken out of its correction',
    registers: this.registers,
  });

  /** Adds what the process itself tells: memory, CPU, event loop. Not in tests: it starts observers. */
  observeProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  /** The metrics in Prometheus' text format. */
  async text(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }
}
