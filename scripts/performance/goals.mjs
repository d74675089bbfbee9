// The section "goals" of docs/performance.md: what each suite's document says of its goals.
import { shown, table } from './markdown.mjs';

const verdict = (isMet) => (isMet ? '**met**' : 'missed');

/** A row: what, its goal, what was measured, and whether that is good enough. */
const row = (what, goal, measured, isMet) => [what, goal, measured, verdict(isMet)];

/** By suite: of its document the rows. */
const ROWS = {
  deadlines: ({ loads = [] }) =>
    loads.flatMap((load) => {
      const bullmq = load.ratios.find(({ kind }) => kind === 'bullmq');
      if (load.goals === null || bullmq === undefined) return [];
      const what = load.name.includes('x')
        ? `closings, ${shown(load.rooms / Number(load.name.split('x')[1]))} a second`
        : `${shown(load.rooms)} closings at once`;
      const { owner, clients } = load.goals;
      return [
        row(
          `${what}: BullMQ's p99 by ours, at the owner`,
          `≥ ${owner}`,
          shown(bullmq.ownerP99),
          load.isOwnerGoalMet,
        ),
        row(
          `${what}: the same as clients see it`,
          `≥ ${clients}`,
          shown(bullmq.clientsP99),
          load.isClientGoalMet,
        ),
      ];
    }),
  ticks: ({ sizes, goals }) => {
    const { rooms, summaries, ratios } = sizes.at(-1);
    const { jitter, skipped } = summaries.find(({ name }) => name === 'quizbell');
    const what = `ticks of ${shown(rooms)} rooms`;
    return [
      row(
        `${what}: p99 late (ms)`,
        `≤ ${goals.jitterP99Ms}`,
        shown(jitter.p99),
        jitter.p99 <= goals.jitterP99Ms,
      ),
      row(`${what}: skipped`, '0', shown(skipped), skipped === 0),
      row(
        `${what}: scheduler's CPU by that of one emit each`,
        `≤ ${goals.cpuRatio}`,
        `${ratios.workerCpu}`,
        ratios.workerCpu <= goals.cpuRatio,
      ),
    ];
  },
  fanout: ({ sizes, goalRatio }) =>
    sizes.map(({ sockets, ratios }) =>
      row(
        `a tick to each of ${shown(sockets)} sockets: gateway's CPU by that of bare Socket.IO`,
        `≤ ${goalRatio}`,
        ratios['socket.io'].toFixed(2),
        ratios['socket.io'] <= goalRatio,
      ),
    ),
  isolation: ({ summaries: [ours], goalMessages }) => [
    row(
      'messages of busy rooms at a gateway that holds none of them',
      `${goalMessages}`,
      shown(ours.b.foreign),
      ours.b.foreign <= goalMessages,
    ),
  ],
  answers: ({ median, goals }) => [
    row(
      "a verdict: gateway's CPU by that of a bare echo",
      `≤ ${goals.cpuRatio}`,
      `${median.cpuRatio}`,
      median.cpuRatio <= goals.cpuRatio,
    ),
    row(
      'a verdict at half of saturation: p99 (ms)',
      `≤ ${goals.p99Ms}`,
      shown(median.quizbell.latency.p99),
      median.quizbell.latency.p99 <= goals.p99Ms,
    ),
  ],
  player: ({ median, goalRatio }) => [
    row(
      "a question without ticks: gateway's CPU by that of one with a tick a second",
      `≤ ${goalRatio}`,
      median.process.ratio.toFixed(2),
      median.process.ratio <= goalRatio,
    ),
  ],
  rooms: ({ ticks: { costs, ratios }, goals }) => [
    row(
      `a tick of ${shown(costs.at(-1).rooms)} rooms by one of ${shown(costs[0].rooms)}, scheduler's CPU`,
      `≤ ${goals.ratio}`,
      ratios.net.scheduler.toFixed(2),
      ratios.net.scheduler <= goals.ratio,
    ),
  ],
  capacity: ({ errors, goalError }) =>
    (errors ?? []).map(({ resource, error, isMet }) =>
      row(
        `the model's error on the largest size, median of the rounds: ${resource}`,
        `≤ ${Math.round(100 * goalError)} %`,
        `${Math.round(100 * Math.abs(error))} %`,
        isMet,
      ),
    ),
  accuracy: ({ sampled, goalP99Ms, isGoalMet }) => [
    row(
      'a countdown on a bad connection, once 32 samples are in: p99 wrong by (ms)',
      `≤ ${goalP99Ms}`,
      shown(sampled.errorMs.p99),
      isGoalMet,
    ),
  ],
};

export const sources = Object.keys(ROWS);

export function render(measured) {
  const rows = sources.flatMap((suite) => rowsOf(suite, measured[suite]));
  return table(['what', 'goal', 'measured', ''], rows);
}

const rowsOf = (suite, result) => (result === undefined ? [] : ROWS[suite](result));
