// The section "drill" of docs/reliability.md, from docs/measurements/drill.json.
import { machineText, shown, table } from './markdown.mjs';

const figures = ({ p50, p99, max }) => (p50 === null ? '-' : [p50, p99, max].map(shown).join(' / '));

const nameOf = ({ fault, promised }) => (promised ? `\`${fault}\`` : `\`${fault}\` *`);

const CLOSINGS = [
  ['fault', nameOf],
  ['times', ({ times }) => shown(times)],
  ['runs', ({ runs }) => shown(runs)],
  ['lost', ({ lost }) => shown(lost)],
  ['doubled', ({ doubled }) => shown(doubled)],
  ['early', ({ early }) => shown(early)],
  ['repeated', ({ repeated }) => shown(repeated)],
  ['out of order', ({ outOfOrder }) => shown(outOfOrder)],
  ['missed', ({ missed }) => shown(missed)],
  ['unsettled', ({ unsettled }) => shown(unsettled)],
  ['take-over (ms)', ({ takeoverMs }) => figures(takeoverMs)],
  ['all back (ms)', ({ reconnectMs }) => figures(reconnectMs)],
  ['no tick for (ms)', ({ maxTickGapMs }) => shown(maxTickGapMs)],
];

const ANSWERS = [
  ['fault', nameOf],
  ['answers', ({ answers }) => shown(answers.judged)],
  ['accepted', ({ answers }) => shown(answers.accepted)],
  ['outcomes', ({ answers }) => shown(answers.outcomes)],
  ['late accepted', ({ lateAccepted }) => shown(lateAccepted)],
  ['refused in time', ({ refusedInTime }) => shown(refusedInTime)],
  ['lost answers', ({ lostAnswers }) => shown(lostAnswers)],
  ['untold loss', ({ untoldLoss }) => shown(untoldLoss)],
  ['verdict changed', ({ verdictChanged }) => shown(verdictChanged)],
  ['untold verdict', ({ untoldVerdict }) => shown(untoldVerdict)],
  ['outcome changed', ({ outcomeChanged }) => shown(outcomeChanged)],
  ['no verdict', ({ answers }) => shown(answers.unanswered)],
];

const tableOf = (columns, faults) =>
  table(
    columns.map(([title]) => title),
    faults.map((row) => columns.map(([, cell]) => cell(row))),
  );

function verdictText({ ok, interrupted, faults }) {
  const broken = faults.flatMap((row) => row.broken.map((what) => `- \`${row.fault}\`: ${what}`));
  const early = interrupted ? 'It was ended before its end. ' : '';
  return ok ? `${early}Every promise was kept.` : `${early}**Promises were broken:**\n\n${broken.join('\n')}`;
}

export function render(result) {
  const { faults, rooms } = result;
  const unpromised = faults.some(({ promised }) => !promised)
    ? ' A fault with a * is reported, not promised.'
    : '';
  return `${shown(rooms)} rooms. One row per fault; times are p50 / p99 / max.${unpromised}

${tableOf(CLOSINGS, faults)}

The answers that were given meanwhile, each judged once or told again, and the outcomes that they were compared with:

${tableOf(ANSWERS, faults)}

${verdictText(result)}

${machineText(result, 'drill')}`;
}
