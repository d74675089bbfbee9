import type { BenchGateway } from '../cluster/bench.cluster.js';
import { type MetricSample, total } from '../cluster/prometheus.text.js';
import type { RoomHost } from '../cluster/room.host.js';
import { planAnswers } from '../players/answer.schedule.js';
import { type Crowd, GATEWAY_MOVES_MS, MAX_UNCERTAINTY_MS } from '../players/crowd.js';
import { CannotRun } from '../suite.types.js';
import { type BurstRound, burstRound, type GatewayWork } from './burst.report.js';
import { checkVerdicts } from './verdict.checks.js';

/** All players answer within so long. */
export const WINDOW_MS = 2_000;
/** The last part of the window is after the deadline: one answer in ten. */
const AFTER_DEADLINE_MS = WINDOW_MS / 10;
/** Nobody answers before having read the question. */
const READING_MS = 200;
const DURATION_MS = READING_MS + WINDOW_MS - AFTER_DEADLINE_MS;
/** Time to tell the processes of the players what to send when. */
const LEAD_IN_MS = 2_000;
/** The protocol's default. */
const TICK_MS = 1_000;
/** A gateway tells whole milliseconds, rounded down. */
const ROUNDED_DOWN_MS = 1;
/** Between the clock of a process of players and that of a gateway, by all that each of them may be off. */
export const CLOCK_TOLERANCE_MS = MAX_UNCERTAINTY_MS + GATEWAY_MOVES_MS + ROUNDED_DOWN_MS;
/** A gateway looks every so often whether it is awake, and dates back to the last time it was. */
const PULSE_MS = 10;

export interface RoundScene {
  readonly gateways: readonly BenchGateway[];
  readonly host: RoomHost;
  readonly crowd: Crowd;
  readonly players: number;
}

/** One question, from its start to its outcome. */
export async function playRound(scene: RoundScene, questionId: string): Promise<BurstRound> {
  const { gateways, host, crowd, players } = scene;
  await crowd.sync();
  const before = await Promise.all(gateways.map((gateway) => gateway.metrics()));
  const question = await host.start({
    questionId,
    durationMs: DURATION_MS,
    leadInMs: LEAD_IN_MS,
    tickMs: TICK_MS,
  });
  const fromAt = question.opensAt + READING_MS;
  const answers = await crowd.answer(
    question,
    planAnswers({
      players,
      processes: crowd.processes,
      fromAt,
      untilAt: fromAt + WINDOW_MS,
      label: questionId,
    }),
  );
  const after = await Promise.all(gateways.map((gateway) => gateway.metrics()));
  const { endsAt, opensAt, graceMs, runId, phase } = await host.snapshot();
  if (phase !== 'closed' || runId !== question.runId || endsAt === null || opensAt === null) {
    throw new CannotRun(`The room is not where its question ended: ${phase}, run ${runId}.`);
  }
  const outcome = await host.outcome(question);
  const work = gatewayWork(before, after);
  const stallMs = work.stalls > 0 ? work.longestLagMs + PULSE_MS : 0;
  const report = checkVerdicts(answers, { opensAt, endsAt, graceMs: graceMs ?? 0 }, outcome.answers, {
    clockMs: CLOCK_TOLERANCE_MS,
    stallMs,
  });
  return burstRound(answers, report, endsAt + (graceMs ?? 0), work);
}

function gatewayWork(before: readonly MetricSample[][], after: readonly MetricSample[][]): GatewayWork {
  const grown = (name: string) =>
    after.reduce((sum, samples, i) => sum + total(samples, name) - total(before[i] ?? [], name), 0);
  return {
    cpuMs: grown('process_cpu_seconds_total') * 1_000,
    stalls: grown('quizbell_receive_stalls_total'),
    // Begun anew by each reading, so of this round.
    longestLagMs:
      Math.max(...after.map((samples) => total(samples, 'nodejs_eventloop_lag_max_seconds'))) * 1_000,
  };
}
