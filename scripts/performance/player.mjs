// The section "player" of docs/performance.md, from docs/measurements/player.json.
import { machineText, shown, table } from './markdown.mjs';

const part = (value) => value.toFixed(2);

export function render(result) {
  const { players, rooms, rounds, questionMs, tickMs, syncEveryMs, goalRatio, median } = result;
  const { main, process } = median;
  const seconds = (ms) => shown(ms / 1_000);
  const both = (of) => [of(process), of(main)];
  const rows = [
    ['the open connection, for as long', ...both(({ connectionUs }) => shown(connectionUs))],
    [`a question without ticks, added to that`, ...both(({ ticklessUs }) => shown(ticklessUs))],
    [
      `a question with a tick each ${seconds(tickMs)} s, added to that`,
      ...both(({ tickingUs }) => shown(tickingUs)),
    ],
    ['**without ticks, as a part of with ticks**', ...both(({ ratio }) => `**${part(ratio)}**`)],
    ['the same, of question and connection', ...both(({ ratioWithConnection }) => part(ratioWithConnection))],
  ];
  return `What does one player and one question of ${seconds(questionMs)} s cost a gateway? Microseconds of CPU time, medians of ${rounds.length} rounds:

${table(['', 'process', 'its main thread'], rows)}

${shown(players)} players of each kind in ${rooms} rooms each, at each of three gateways; a player without ticks asks for the time once in ${seconds(syncEveryMs)} s.
The goal is a part of at most ${goalRatio} of what a question costs: ${process.ratio <= goalRatio ? 'met' : 'missed'}${main.ratio <= goalRatio ? ' (met by the main thread)' : ''}.

By round, of the process: ${rounds.map(({ process: of }) => part(of.ratio)).join(', ')}. A window is a multiple of the 5 s between two heartbeats of a connection.

${machineText(result, 'player')}`;
}
