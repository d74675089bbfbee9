import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { LATENCY_BUCKETS_S } from './metrics.buckets.js';

/** What a gateway counts: commands, answers, connections, broadcasts. */
export const gatewayMetrics = (registers: Registry[]) => ({
  /** Commands by event and result: `ok`, or the code of the refusal. Unknown events count as `unknown`. */
  commands: new Counter({
    name: 'quizbell_commands_total',
    help: 'Commands of clients by event and result (ok or an error code)',
    labelNames: ['event', 'result'] as const,
    registers,
  }),

  /** From the arrival of a command to its ack, queueing behind the socket's earlier commands included. */
  commandDuration: new Histogram({
    name: 'quizbell_command_duration_seconds',
    help: 'Time from the arrival of a command to its acknowledgement',
    labelNames: ['event'] as const,
    buckets: LATENCY_BUCKETS_S,
    registers,
  }),

  /** Refusals that nobody was told of, because the client asked for no ack. */
  droppedRefusals: new Counter({
    name: 'quizbell_refusals_dropped_total',
    help: 'Refused commands without an ack callback: the client was told nothing',
    labelNames: ['event', 'result'] as const,
    registers,
  }),

  /** By the limit that was reached. */
  limitRefusals: new Counter({
    name: 'quizbell_limit_refusals_total',
    help: 'What was refused, or ended, because a limit was reached, by limit',
    labelNames: ['limit'] as const,
    registers,
  }),

  /** Answers by verdict. */
  verdicts: new Counter({
    name: 'quizbell_verdicts_total',
    help: 'Judged answers by verdict',
    labelNames: ['verdict'] as const,
    registers,
  }),

  /** Answers whose instant of receiving was moved, because they had been on their way for more than the time in flight. */
  clampedAnswers: new Counter({
    name: 'quizbell_answers_clamped_total',
    help: 'Answers that were judged by another instant than that of their receiving: too long in flight',
    registers,
  }),

  /** Stalls of the event loop after which frames were read: their players got the benefit of the doubt. */
  receiveStalls: new Counter({
    name: 'quizbell_receive_stalls_total',
    help: 'Stalls of the event loop in which frames may have waited',
    registers,
  }),

  restRequests: new Counter({
    name: 'quizbell_rest_requests_total',
    help: 'REST requests by method and status',
    labelNames: ['method', 'status'] as const,
    registers,
  }),

  connections: new Gauge({
    name: 'quizbell_connections',
    help: 'Sockets that are connected to this gateway',
    registers,
  }),

  /** Broadcasts of rooms that reached this gateway. */
  broadcasts: new Counter({
    name: 'quizbell_broadcasts_total',
    help: 'Broadcasts that this gateway delivered to its sockets, by event',
    labelNames: ['event'] as const,
    registers,
  }),

  /** How often this gateway could not rule out that it missed broadcasts. */
  subscriptionGaps: new Counter({
    name: 'quizbell_subscription_gaps_total',
    help: 'Times that broadcasts may have been missed: the subscribing connection was lost or silent',
    registers,
  }),

  /** Rooms by what came of telling their members after a gap; `overtaken`: events did it first. */
  roomStates: new Counter({
    name: 'quizbell_room_states_total',
    help: 'Rooms whose members were told the state after a gap, by result (sent, overtaken, ended, gone)',
    labelNames: ['result'] as const,
    registers,
  }),
});

export type GatewayMetrics = ReturnType<typeof gatewayMetrics>;
