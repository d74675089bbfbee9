// The section "isolation" of docs/performance.md, from docs/measurements/isolation.json.
import { machineText, shown, table } from './markdown.mjs';

const SERVERS = {
  quizbell: '**Quizbell**',
  sharded: 'bare Socket.IO, sharded adapter',
  classic: 'bare Socket.IO, classic adapter',
};

export function render({ summaries, rounds, goalMessages, ...result }) {
  const rows = summaries.map(({ name, a, b, quietCpuMs, busyCpuMs, addedCpuMs }) => [
    SERVERS[name],
    shown(a.foreign),
    `**${shown(b.foreign)}**`,
    shown(b.own),
    shown(b.canaries),
    shown(quietCpuMs),
    shown(busyCpuMs),
    shown(addedCpuMs),
  ]);
  const [ours] = summaries;
  return `${shown(result.rooms)} busy rooms of ${result.members} members, a tick each ${shown(result.tickMs)} ms, for ${rounds.length} times ${result.seconds} s; messages of all rounds together. CPU time of server B,
milliseconds in a second, while A's rooms were not busy and while they were: medians of the rounds.

${table(
  ['', 'busy rooms, to A', 'to B', "B's own room", 'canaries', 'CPU of B, quiet', 'busy', 'added'],
  rows,
)}

The goal is ${goalMessages} messages of busy rooms at a gateway that holds none of them: ${ours.b.foreign <= goalMessages ? 'met' : 'missed'}.

${machineText(result, 'isolation')}`;
}
