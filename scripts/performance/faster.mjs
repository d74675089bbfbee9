// The section "faster" of docs/performance.md: what docs/measurements/before-<suite>.json, measured by the same benchmark on
// the commit before the change, has become in docs/measurements/<suite>.json.
import { shown, table } from './markdown.mjs';

const SUITES = ['deadlines', 'ticks', 'answers', 'fanout'];

export const sources = SUITES.flatMap((suite) => [`before-${suite}`, suite]);

/** By suite: of a document its figures, each with a name; less is better. */
const FIGURES = {
  deadlines: ({ loads = [] }) =>
    loads.flatMap((load) => {
      const ours = load.summaries.find(({ kind }) => kind === 'quizbell');
      const what = load.name.includes('x')
        ? `closings, ${load.name} (rooms a second x seconds)`
        : `${shown(load.rooms)} closings at once`;
      return [
        [`${what}: p99 late until a subscriber has it (ms)`, ours.owner.p99],
        [`${what}: CPU of the scheduler each (µs)`, ours.cpu.workerUs],
        [`${what}: CPU of Redis each (µs)`, ours.cpu.redisUs],
      ];
    }),
  ticks: ({ sizes }) =>
    sizes.flatMap(({ rooms, summaries }) => {
      const ours = summaries.find(({ name }) => name === 'quizbell');
      return [
        [`ticks of ${shown(rooms)} rooms: CPU of the scheduler each (µs)`, ours.cpu.workerUs],
        [`ticks of ${shown(rooms)} rooms: CPU of Redis each (µs)`, ours.cpu.redisUs],
      ];
    }),
  fanout: ({ sizes }) =>
    sizes.flatMap(({ sockets, summaries, ratios }) => {
      const ours = summaries.find(({ name }) => name === 'quizbell');
      const what = `a tick to each of ${shown(sockets)} sockets`;
      return [
        [`${what}: CPU of the gateway each (µs)`, ours.deliveryUs],
        [`${what}: the same in per cent of bare Socket.IO's`, 100 * ratios['socket.io']],
        [`${what}: the same in per cent of bare websockets'`, 100 * ratios.ws],
      ];
    }),
  // Without the rate in the names: each is measured at half of its own saturation.
  answers: ({ median: { quizbell } }) => [
    ['a verdict: CPU of the gateway (µs)', quizbell.cost.serverUs],
    ['a verdict: CPU of Redis (µs)', quizbell.cost.redisUs],
    ['100 verdicts: reads of Redis', 100 * quizbell.cost.redisReads],
  ],
};

function rowsOf(suite, measured) {
  const [before, after] = [measured[`before-${suite}`], measured[suite]];
  if (before === undefined || after === undefined) return [];
  const now = new Map(FIGURES[suite](after));
  return FIGURES[suite](before)
    .filter(([name]) => now.has(name))
    .map(([name, was]) => [
      name,
      shown(was),
      shown(now.get(name)),
      `${Math.round((100 * now.get(name)) / was)} %`,
    ]);
}

/** To the minute, UTC. */
const timeOf = ({ measuredAt }) => measuredAt.slice(0, 16).replace('T', ' ');

const madeBy = (suite, { [`before-${suite}`]: before, [suite]: after }) =>
  before === undefined || after === undefined
    ? []
    : [
        `${suite}: ${before.commit}, ${timeOf(before)} (\`${before.command}\`) and ${after.commit}, ${timeOf(after)}`,
      ];

export function render(measured) {
  const rows = SUITES.flatMap((suite) => rowsOf(suite, measured));
  if (rows.length === 0) return '';
  return `${table(['', 'before', 'after', 'left'], rows)}

Medians on the same machine, by the same benchmark, not at the same time (UTC). Where a commit has a plus, it is the code of that commit with
the benchmark of today. ${SUITES.flatMap((suite) => madeBy(suite, measured)).join('; ')}.`;
}
