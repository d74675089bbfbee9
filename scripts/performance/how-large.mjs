// The section "how-large" of docs/operating.md, from several measurements: a row for each that is there.
import { shown, table } from './markdown.mjs';

export const sources = ['deadlines', 'burst', 'hostile', 'drill'];

const seconds = (ms) => `${shown(ms / 1_000)} s`;
const mebibytes = (size) => `${shown(Math.round(size))} MiB`;

/** Of each measurement what it says of sizes: what was done, and what came of it. */
const ROWS = {
  // Since the bench has loads; what was measured before has another form.
  deadlines: ({ format, loads }) =>
    format === 2
      ? loads
          .filter(({ perSecond }) => perSecond === null)
          .map(({ rooms, summaries }) => {
            const { owner } = summaries.find(({ kind }) => kind === 'quizbell');
            return [
              `${shown(rooms)} rooms due at the same instant, until a subscriber has the closing, one scheduler`,
              `p50 ${shown(owner.p50)} ms, p99 ${shown(owner.p99)} ms`,
            ];
          })
      : [],
  burst: ({ players, windowMs, gatewayProcesses, median }) => [
    [
      `${shown(players)} players who answer within ${seconds(windowMs)}, ${gatewayProcesses} gateways`,
      `${shown(median.verdictsPerSecond)} verdicts a second, acknowledged p50 ${shown(median.p50)} ms, p99 ${shown(median.p99)} ms; ${shown(median.cpuUsPerVerdict)} µs of gateway CPU each`,
    ],
  ],
  hostile: ({ attack, memory, ticks }) => [
    [
      `a gateway under ${shown(attack.framesSent)} hostile frames`,
      `${mebibytes(memory.rssBefore)} before, ${mebibytes(memory.rssHighest)} at the most, ${mebibytes(memory.heapAfter - memory.heapBefore)} more in use afterwards; ticks p99 ${shown(ticks.storms.lateMs.p99)} ms late in storms, ${shown(ticks.floods.lateMs.p99)} ms in floods of frames at once`,
    ],
  ],
  drill: ({ faults }) =>
    Object.entries({ 'kill-owner': 'is killed', 'rolling-restart': 'is stopped' }).flatMap(([name, what]) => {
      const takeoverMs = faults.find(({ fault }) => fault === name)?.takeoverMs;
      return takeoverMs === undefined || takeoverMs.p50 === null
        ? []
        : [
            [
              `another scheduler acts for all shards of one that ${what}`,
              `after p50 ${shown(takeoverMs.p50)} ms, at most ${shown(takeoverMs.max)} ms`,
            ],
          ];
    }),
};

export function render(results) {
  const there = sources.filter((name) => results[name] !== undefined);
  const rows = there.flatMap((name) =>
    ROWS[name](results[name]).map(([what, figure]) => [
      what,
      figure,
      `[${name}.json](measurements/${name}.json)`,
    ]),
  );
  if (rows.length === 0) return '';
  const machines = new Set(
    there
      .map((name) => results[name].machine)
      .map(({ cpu, cores, node, redis }) => `${cores} cores of an ${cpu}, Node ${node}, Redis ${redis}`),
  );
  return `Measured on ${[...machines].join('; ')}, which the load generators shared; commits, commands and dates are in the documents.

${table(['what', 'figure', 'from'], rows).replace(/--:/g, '---')}`;
}
