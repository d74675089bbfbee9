// The section "headline" of README.md, from docs/measurements/deadlines.json.
import { shown, table } from './markdown.mjs';

export const sources = ['deadlines'];

const p99s = ({ owner, clients }) => `${shown(owner.p99)} / ${shown(clients.p99)} ms`;

function rowOf({ name, rooms, summaries, ratios }) {
  const of = (kind) => summaries.find((summary) => summary.kind === kind);
  const { ownerP99, clientsP99 } = ratios.find(({ kind }) => kind === 'bullmq');
  const load = name.includes('x')
    ? `${shown(rooms / Number(name.split('x')[1]))} a second`
    : `${shown(rooms)} at once`;
  return [load, p99s(of('quizbell')), p99s(of('bullmq')), `${shown(ownerP99)} / ${shown(clientsP99)}`];
}

export function render({ deadlines }) {
  if (deadlines?.loads === undefined) return '';
  const { loads, machine, seed, commit } = deadlines;
  return `${table(['closings', "Quizbell's p99", "BullMQ's p99", 'times'], loads.map(rowOf))}

Milliseconds late at the owner / as clients see it, medians of ${loads[0].rounds.length} rounds on ${machine.cores} cores of an ${machine.cpu}, Node ${machine.node}, Redis ${machine.redis}
(commit ${commit}, seed ${seed}).`;
}
