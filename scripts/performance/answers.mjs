// The section "answers" of docs/performance.md and its plot, from docs/measurements/answers.json.
import { percentilePlot } from '../../apps/bench/src/plots/percentile.plot.ts';
import { machineText, shown, table } from './markdown.mjs';

const SERVERS = { quizbell: 'Quizbell', echo: 'Socket.IO echo' };
const PLOT = 'answers.svg';

const plotTitle = ({ rate }) => `${shown(rate)} answers a second: time to the verdict`;

/** SVG by file name. */
export const plots = (result) => ({
  [PLOT]: percentilePlot({
    title: plotTitle(result),
    yTitle: 'milliseconds after the answer was due',
    series: Object.entries(result.curves).map(([name, points]) => ({ name: SERVERS[name], points })),
  }),
});

/** What is less than the noise of what is taken off. */
const small = (us) => (us < 1 ? '< 1' : shown(us));

const verdict = (isMet) => (isMet ? 'met' : 'missed');

/** Of the first ramp; the others look elsewhere. */
function rampRows({ ramps }) {
  return Object.entries(ramps).flatMap(([name, [ramp]]) =>
    (ramp?.steps ?? [])
      .toSorted((a, b) => a.offered - b.offered)
      .map(({ offered, achieved, p50, p99, max }) => [
        `${SERVERS[name]}, ${shown(offered)}`,
        shown(achieved),
        [p50, p99, max].map(shown).join(' / '),
      ]),
  );
}

function saturationText(name, found, ramps) {
  const who = SERVERS[name];
  if (found === null) return `${who}'s saturation was not found.`;
  return `${who} serves ${shown(found.served)} answers a second, and ${shown(found.tooMuch)} are too much for it (medians of ${ramps.length} ramps).`;
}

export function render(result) {
  const { median, goals, isGoalMet, rounds, rate, saturation, ramps, players, rooms } = result;
  const costs = Object.entries(SERVERS).map(([name, who]) => {
    const { latency, cost, sentLateP99 } = median[name];
    return [
      name === 'quizbell' ? `**${who}**` : who,
      [latency.p50, latency.p99, latency.max].map(shown).join(' / '),
      shown(cost.serverUs),
      cost.schedulerUs === null ? '' : small(cost.schedulerUs),
      small(cost.redisUs),
      Math.max(0, cost.redisReads).toFixed(2),
      shown(sentLateP99),
    ];
  });
  const goalText =
    isGoalMet === null
      ? ''
      : `A verdict costs the gateway **${median.cpuRatio} times** what an echo costs the bare server (goal ${goals.cpuRatio}: ${verdict(isGoalMet.cpu)}; by round
${rounds.map(({ cpuRatio }) => cpuRatio).join(', ')}). Its p99 is ${shown(median.quizbell.latency.p99)} ms (goal ${goals.p99Ms} ms: ${verdict(isGoalMet.p99)}).\n\n`;
  const isHalf = saturation.quizbell !== null && Math.abs(2 * rate - saturation.quizbell.tooMuch) <= 2;
  return `At ${shown(rate)} answers a second${isHalf ? ", half of Quizbell's saturation" : ''}; p50 / p99 / max in milliseconds, CPU time in microseconds
and reads of Redis for each verdict, medians of ${rounds.length} rounds with ${shown(players)} players in ${rooms} rooms at each of the two. A round is ${shown(median.quizbell.verdicts)} answers
in several windows, as nobody answers a question twice. Sent late: how much later than due the clients sent, which is part of the time, p99 in milliseconds.

${table(['', 'time to the verdict', 'CPU', "scheduler's CPU", "Redis' CPU", "Redis' reads", 'sent late'], costs)}

${goalText}![${plotTitle(result)}](plots/${PLOT})

${saturationText('quizbell', saturation.quizbell, ramps.quizbell)}
${saturationText('echo', saturation.echo, ramps.echo)} At rising load, in the first ramp:

${table(['answers a second', 'verdicts a second', 'time to the verdict'], rampRows(result))}

${machineText(result, 'answers')}`;
}
