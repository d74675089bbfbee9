// The section "deadlines" of docs/performance.md and its plots, from docs/measurements/deadlines.json.
import { percentilePlot } from '../../apps/bench/src/plots/percentile.plot.ts';
import { machineText, shown, table } from './markdown.mjs';

const CONTESTANTS = {
  quizbell: 'Quizbell',
  bullmq: 'BullMQ',
  'key-expiry': 'key-expiry events',
  zset: 'bare ZSET loop',
};
const WHERE = {
  owner: 'when a subscriber has the closing',
  clients: 'when a client has the closing',
};

/** Since the bench has loads; what was measured before has another form. */
const isMeasured = (result) => result.format === 2;

const loadText = ({ rooms, perSecond }) =>
  perSecond === null
    ? `${shown(rooms)} rooms due at once`
    : `${shown(perSecond)} rooms due per second, for ${shown(rooms / perSecond)} s`;

const plotName = (load, where) => `deadlines-${load.name}-${where}.svg`;

/** SVG by file name. */
export function plots(result) {
  if (!isMeasured(result)) return {};
  const plotOf = (load, where) =>
    percentilePlot({
      title: `${loadText(load)}: ${WHERE[where]}`,
      yTitle: 'milliseconds after the deadline',
      series: load.summaries.map(({ kind, ownerCurve, clientCurve }) => ({
        name: CONTESTANTS[kind],
        points: where === 'owner' ? ownerCurve : clientCurve,
      })),
    });
  return Object.fromEntries(
    result.loads.flatMap((load) =>
      Object.keys(WHERE).map((where) => [plotName(load, where), plotOf(load, where)]),
    ),
  );
}

const cell = ({ p50, p99, max }) => [p50, p99, max].map(shown).join(' / ');

function goalText({ ratios, goals, isOwnerGoalMet, isClientGoalMet }) {
  const bullmq = ratios.find(({ kind }) => kind === 'bullmq');
  if (goals === null || bullmq === undefined || isOwnerGoalMet === null) return '';
  const verdict = (isMet) => (isMet ? 'met' : 'missed');
  return `BullMQ's p99 is **${shown(bullmq.ownerP99)} times** ours until a subscriber has the closing (goal ${goals.owner}: ${verdict(isOwnerGoalMet)}), and
**${shown(bullmq.clientsP99)} times** until a client has it (goal ${goals.clients}: ${verdict(isClientGoalMet)}).\n\n`;
}

function lossText({ rounds }) {
  const lost = rounds.flat().reduce((sum, { lost }) => sum + lost, 0);
  return lost === 0 ? '' : `${shown(lost)} closings never came, of all rounds together.\n\n`;
}

function loadSection(load) {
  const rows = load.summaries.map(({ kind, owner, clients, cpu }) => [
    kind === 'quizbell' ? `**${CONTESTANTS[kind]}**` : CONTESTANTS[kind],
    cell(owner),
    cell(clients),
    shown(cpu.workerUs),
    shown(cpu.redisUs),
  ]);
  const pictures = Object.entries(WHERE).map(
    ([where, text]) =>
      `![Percentiles of lateness, ${loadText(load)}: ${text}](plots/${plotName(load, where)})`,
  );
  return `### ${loadText(load)}

${table(['', 'a subscriber has it', 'a client has it', 'CPU', "Redis' CPU"], rows)}

${goalText(load)}${lossText(load)}${pictures.join('\n\n')}`;
}

export function render(result) {
  if (!isMeasured(result)) return '';
  return `## How late closings are

Many rooms are due, and their closings have to be committed and published. Four ways to do it, each in a process of its own, in turn in
each round, with fresh keys:

- **Quizbell**: the scheduler as it is deployed.
- **BullMQ**: a delayed job for each room; the handler loads, decides, commits and publishes by the same script as Quizbell. At the
  best of several concurrencies in each round.
- **Key-expiry events**: a key for each room that expires at the deadline; a process that hears of it from Redis does the same.
- **Bare ZSET loop**: the limit. A script publishes what is due, which was written beforehand; nothing is decided, checked or kept.

Lateness is always counted from the deadline that was set, so that one closing that waits for another hides nothing: until a
subscriber of Redis has the closing, and until a client has it. Clients are bare websockets in a process of their own, one in each of
${result.clients} of the rooms, behind ${result.gateways} gateways. The tables tell p50 / p99 / max in milliseconds, medians of ${result.loads[0].rounds.length} rounds, and CPU time in microseconds for
each closing, of the process that closes (with all else that it does meanwhile) and of Redis.

${result.loads.map(loadSection).join('\n\n')}

${machineText(result, 'deadlines')}`;
}
