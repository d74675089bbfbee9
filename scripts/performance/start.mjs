// The section "start" of docs/performance.md, from docs/measurements/start.json.
import { machineText, shown, table } from './markdown.mjs';

const SERVERS = { quizbell: '**Quizbell**', bare: 'bare Socket.IO' };

/** Of fewer than a hundred values the 99th percentile is the greatest. */
const cell = ({ p50, p99 }) => [p50, p99].map(shown).join(' / ');

export function render(result) {
  const isFew = result.sizes.every(({ all }) => Object.values(all).every(({ starts }) => starts < 100));
  const rows = result.sizes.flatMap(({ players, all, ratio }) =>
    Object.entries(SERVERS).map(([name, who]) => {
      const { starts, first, last } = all[name];
      const ratios = name === 'quizbell' ? `${ratio.p50} / ${ratio.p99}` : '';
      return [`${shown(players)} players, ${who}`, shown(starts), cell(first), cell(last), ratios];
    }),
  );
  return `From the host's \`question:start\` to \`question:started\` at the first and at the last player: p50 / ${isFew ? 'slowest' : 'p99'} in milliseconds. The ratio is
Quizbell's time to the last player divided by bare Socket.IO's, of the median start and of the slowest one of a round, medians of ${result.sizes[0].rounds.length} rounds:

${table(['', 'starts', 'first player', 'last player', 'ratio'], rows)}

${machineText(result, 'start')}`;
}
