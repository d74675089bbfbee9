// The section "accuracy" of docs/performance.md, from docs/measurements/accuracy.json.
import { machineText, shown, shownMs, table } from './markdown.mjs';

const WAYS = {
  sdk: 'the SDK',
  timesync: 'the `timesync` library, as it comes (5 samples, a second apart)',
  'timesync-32': 'the `timesync` library, told to take 32 samples',
  'counted-on': 'counts on from the last tick',
  'last-tick': 'shows the last tick',
  'device-clock': "`endsAt` minus the device's clock, which is wrong",
  'right-clock': "`endsAt` minus the device's clock, if that is right to the millisecond",
};

const cell = ({ p50, p99, max }) => [p50, p99, max].map(shownMs).join(' / ');
const seconds = (ms) => shown(ms / 1_000);

export function render(result) {
  const { ways, sampled, claimed, truth, link, readAfterMs, clocks } = result;
  const lateS = seconds(readAfterMs.late);
  const rows = ways.map(({ by, early, late }) => [
    by === 'sdk' ? `**${WAYS[by]}**` : WAYS[by],
    cell(early),
    cell(late.steady),
    cell(late.stepping),
  ]);
  return `By how much is the time that is shown as left wrong? ${result.devices} devices, p50 / p99 / max in milliseconds unless it says otherwise:

${table(
  [
    'what the client shows',
    `${seconds(readAfterMs.early)} s after joining`,
    `${lateS} s after joining`,
    `${lateS} s after joining, clock set after ${seconds(clocks.stepAfterMs)} s`,
  ],
  rows,
)}

Once it had 32 samples (p50 ${seconds(sampled.afterMs.p50)} s after joining, at most ${seconds(sampled.afterMs.max)} s), the SDK was off by p50 ${shown(sampled.errorMs.p50)} ms, **p99
${shown(sampled.errorMs.p99)} ms**, at most ${shown(sampled.errorMs.max)} ms (${sampled.devices} of ${result.devices} devices). The goal is p99 at most ${result.goalP99Ms} ms: ${result.isGoalMet ? 'met' : 'missed'}. The SDK also says how far off it
may be at most (p50 ${shown(claimed.errorMs.p50)} ms in the end); ${claimed.broken === 0 ? 'no device was' : `${claimed.broken} devices were`} further off than that.

The proxy held ${shown(link.held.pieces)} pieces for p50 ${shown(link.held.p50)} ms, p99 ${shown(link.held.p99)} ms, at most ${shown(link.held.max)} ms. The truth is known to ${truth.uncertaintyMs} ms; the
gateway's own clock was up to ${truth.gatewayOffMs} ms from it, which is part of the SDK's error.

${machineText(result, 'accuracy')}`;
}
