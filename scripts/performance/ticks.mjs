// The section "ticks" of docs/performance.md and its plots, from docs/measurements/ticks.json.
import { percentilePlot } from '../../apps/bench/src/plots/percentile.plot.ts';
import { machineText, shown, table } from './markdown.mjs';

const CONTESTANTS = { quizbell: 'Quizbell', 'socket.io': 'Socket.IO emits' };

const plotName = ({ rooms }) => `ticks-${rooms}.svg`;
const plotTitle = ({ rooms }) => `${shown(rooms)} rooms: lateness of ticks`;

/** SVG by file name. */
export const plots = ({ sizes }) =>
  Object.fromEntries(
    sizes.map((size) => [
      plotName(size),
      percentilePlot({
        title: plotTitle(size),
        yTitle: 'milliseconds after the instant of the tick',
        series: size.summaries.map(({ name, curve }) => ({ name: CONTESTANTS[name], points: curve })),
      }),
    ]),
  );

const verdict = (isMet) => (isMet ? 'met' : 'missed');

function goalText({ isGoalMet, ratios }, goals) {
  if (isGoalMet === null) return '';
  return `The goals: p99 at most ${goals.jitterP99Ms} ms late: ${verdict(isGoalMet.jitter)}; none skipped: ${verdict(isGoalMet.skipped)}; CPU time of the scheduler at most ${goals.cpuRatio} of
the emits' (it is ${ratios.workerCpu}): ${verdict(isGoalMet.cpu)}.\n\n`;
}

function rowsOf(size) {
  return size.summaries.map(({ name, jitter, skipped, cpu }) => [
    `${shown(size.rooms)}, ${name === 'quizbell' ? `**${CONTESTANTS[name]}**` : CONTESTANTS[name]}`,
    [jitter.p50, jitter.p99, jitter.max].map(shown).join(' / '),
    shown(skipped),
    shown(cpu.workerUs),
    shown(cpu.redisUs),
  ]);
}

export function render(result) {
  const { sizes, goals, seconds, tickMs } = result;
  return `## How late ticks are, and what they cost

Active rooms have a tick each ${shown(tickMs / 1_000)} s, and their deadlines lie evenly over that time. **Quizbell** is the scheduler as it is deployed;
**Socket.IO emits** are what one would write instead: a Socket.IO server without clients that emits to one room after the other,
by one timer, over the same sharded adapter. Each is a new process for each size, in turn in each round, with fresh keys: with few rooms a good part
of the CPU time is what Node compiles meanwhile, of both.

Late is counted from the instant of the tick until a subscriber of Redis has it: p50 / p99 / max in milliseconds in ${seconds} s, medians of
${sizes[0].rounds.length} rounds. A skipped tick counts as half an interval late, so that skipping looks no better. CPU time in microseconds for each
tick, of the process that sends it (with all else that it does meanwhile) and of Redis.

${table(['rooms', 'late', 'skipped', 'CPU', "Redis' CPU"], sizes.flatMap(rowsOf))}

${sizes.map((size) => goalText(size, goals)).join('')}${sizes.map((size) => `![${plotTitle(size)}](plots/${plotName(size)})`).join('\n\n')}

${machineText(result, 'ticks')}`;
}
