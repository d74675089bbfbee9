// What the measured sections of the documents are made with.

/** A number as people read it: at most one decimal, none from 100 on, thousands apart. */
export const shown = (value) =>
  value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 });

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** Milliseconds; from ten seconds on in seconds and from an hour on in hours, with the unit. */
export function shownMs(ms) {
  const size = Math.abs(ms);
  if (size < 10 * SECOND_MS) return shown(ms);
  return size < HOUR_MS ? `${shown(Math.round(ms / SECOND_MS))} s` : `${shown(ms / HOUR_MS)} h`;
}

/** A table; the first column is text, the others are numbers. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = `|${head.map((_, i) => (i === 0 ? '---' : '--:')).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** What every measurement says of itself (see `RunFacts` in libs/measuring). */
export function machineText({ command, commit, measuredAt, machine, note, seed }, name) {
  const { cpu, cores, platform, node, redis, load } = machine;
  const facts = [
    `${cpu}, ${cores} cores, ${platform}, load ${load} before`,
    `Node ${node}, Redis ${redis}`,
    `commit ${commit}`,
    measuredAt.slice(0, 10),
    ...(seed === undefined ? [] : [`seed ${seed}`]),
    ...(note === undefined ? [] : [note]),
  ];
  return `\`${command}\` ([${name}.json](measurements/${name}.json); ${facts.join('; ')})`;
}
