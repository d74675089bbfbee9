// The section "rolling" of docs/operating.md, from docs/measurements/rolling.json.
import { machineText, shown, table } from './markdown.mjs';

export function render(result) {
  const { rounds, rooms, players, gateways, schedulers } = result;
  const sum = (field) => shown(rounds.reduce((total, round) => total + round[field], 0));
  const span = (values) => {
    const [least, most] = [Math.min(...values), Math.max(...values)].map(shown);
    return least === most ? least : `${least} to ${most}`;
  };
  const rows = [
    ['updates; one took', `${rounds.length}; ${span(rounds.map(({ seconds }) => seconds))} s`],
    ['questions played', sum('questions')],
    ['connections that moved; that came back', `${sum('moved')}; ${sum('cameBack')}`],
    [
      'closings missed; doubled; early; not in time',
      ['missed', 'doubled', 'early', 'overdue'].map(sum).join('; '),
    ],
    [
      'events out of order; answers judged or kept wrongly',
      ['outOfOrder', 'answersWrong'].map(sum).join('; '),
    ],
    [
      'ticks that players were owed less those that they heard (one at the moment of moving may count either way)',
      sum('ticksMissing'),
    ],
    [
      'latest closing that a player heard, after the deadline',
      `${shown(Math.max(...rounds.map(({ latenessMaxMs }) => latenessMaxMs)))} ms`,
    ],
  ];
  return `${shown(gateways)} gateways and ${shown(schedulers)} schedulers are replaced while ${shown(rooms)} rooms of ${shown(players)} players play, everything on one machine:

${table(['', 'in all updates'], rows)}

${machineText(result, 'rolling')}`;
}
