// The section "outage" of docs/outcomes.md, from docs/measurements/outage.json.
import { machineText, shown, table } from './markdown.mjs';

export function render(result) {
  const { downMs, runs, delivered, lost, receivedTwice, conflicting, forged, lastAfterMs } = result;
  const rows = [
    ['runs', shown(runs)],
    ['delivered', shown(delivered)],
    ['lost', shown(lost.length)],
    ['received more than once, under one id', shown(receivedTwice)],
    ['ids with two bodies', shown(conflicting.length)],
    ['requests whose signature was not verified', shown(forged)],
    ['the last one came so long after the receiver was back', `${shown(Math.round(lastAfterMs / 1_000))} s`],
  ];
  return `The receiver was away for ${shown(downMs / 1_000)} s, with the retries of the defaults:

${table(['', ''], rows)}

${machineText(result, 'outage')}`;
}
