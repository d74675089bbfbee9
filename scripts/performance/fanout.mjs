// The section "fanout" of docs/performance.md and its plots, from docs/measurements/fanout.json.
import { percentilePlot } from '../../apps/bench/src/plots/percentile.plot.ts';
import { machineText, shown, table } from './markdown.mjs';

const SERVERS = { quizbell: 'Quizbell', 'socket.io': 'bare Socket.IO', ws: 'bare websockets' };

const plotName = ({ sockets }) => `fanout-${sockets}.svg`;
const plotTitle = ({ sockets }) => `${shown(sockets)} sockets: from a tick's first receiver to its last`;

/** SVG by file name. */
export const plots = ({ sizes }) =>
  Object.fromEntries(
    sizes.map((size) => [
      plotName(size),
      percentilePlot({
        title: plotTitle(size),
        yTitle: 'milliseconds between first and last',
        series: size.summaries.map(({ name, curve }) => ({ name: SERVERS[name], points: curve })),
      }),
    ]),
  );

const rowsOf = ({ sockets, summaries }) =>
  summaries.map(({ name, deliveryUs, idleUs, memory, spread }) => [
    `${shown(sockets)}, ${name === 'quizbell' ? `**${SERVERS[name]}**` : SERVERS[name]}`,
    shown(deliveryUs),
    shown(idleUs),
    shown(memory.residentKib),
    shown(memory.inUseKib),
    `${spread.p50.toFixed(2)} / ${spread.p99.toFixed(2)}`,
  ]);

const parts = (ratios) =>
  `${ratios['socket.io'].toFixed(2)} of bare Socket.IO's and ${ratios.ws.toFixed(2)} of bare websockets'`;

function goalText({ sockets, ratios, wholeRatios, isGoalMet }, goal) {
  const verdict =
    isGoalMet === null
      ? ''
      : ` The goal is at most ${goal} of bare Socket.IO's: ${isGoalMet ? 'met' : 'missed'}.`;
  return `With ${shown(sockets)} sockets a delivery costs Quizbell **${parts(ratios)}** (medians of the rounds' own ratios).${verdict}
Together with what the open connections cost anyway it is ${parts(wholeRatios)}.\n\n`;
}

export function render({ sizes, goalRatio, members, ...result }) {
  const rates = sizes.map(
    ({ sockets, tickMs }) => `${shown(sockets)} sockets a tick each ${shown(tickMs)} ms`,
  );
  return `CPU time of the server's process in microseconds: for one tick to one socket, and for one open connection in one second in which
nothing ticks, which is taken off the former. Memory in KiB for one socket: what the process has more than before the first
came (RSS), and what is in use of it when garbage is collected. Spread: from a tick's first receiver to its last, p50 / p99
in milliseconds. Rooms of ${members}; with ${rates.join(', with ')}; ${result.seconds} s in each round; medians of ${sizes[0].rounds.length} rounds.

${table(['sockets', 'CPU of a delivery', 'of a connection, 1 s', 'RSS', 'in use', 'spread'], sizes.flatMap(rowsOf))}

${sizes.map((size) => goalText(size, goalRatio)).join('')}${sizes.map((size) => `![${plotTitle(size)}](plots/${plotName(size)})`).join('\n\n')}

${machineText(result, 'fanout')}`;
}
