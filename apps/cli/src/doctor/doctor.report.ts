import type { Check, CheckStatus } from './check.types.js';

/** What `doctor` found; the document of `--json`. */
export interface DoctorReport {
  /** False when one check is. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

export const makeReport = (checks: readonly Check[]): DoctorReport => ({
  ok: checks.every(({ ok }) => ok),
  checks,
});

const MARKS: Readonly<Record<CheckStatus, string>> = {
  good: 'ok',
  info: 'ok',
  warning: 'look',
  unknown: '?',
  wrong: 'WRONG',
};
const MARK_WIDTH = 6;
const LEAST_TEXT_WIDTH = 40;
const COLOURS: Readonly<Record<CheckStatus, number>> = {
  good: 32,
  info: 32,
  warning: 33,
  unknown: 33,
  wrong: 31,
};

/** For people: a row a check, with what was wanted and what to do below those that are not good. */
export function renderReport(
  { checks }: DoctorReport,
  { columns, isColoured }: { columns: number; isColoured: boolean },
): string {
  const idWidth = Math.max(...checks.map(({ id }) => id.length)) + 2;
  const indent = ' '.repeat(MARK_WIDTH + idWidth);
  const width = Math.max(LEAST_TEXT_WIDTH, columns - indent.length);
  const lines = checks.flatMap(({ id, status, found, wanted, advice }) => {
    const isFine = status === 'good' || status === 'info';
    const mark = MARKS[status].padEnd(MARK_WIDTH);
    const head = isColoured ? `\u001b[${COLOURS[status]}m${mark}\u001b[0m` : mark;
    const [first = '', ...rest] = wrap(found, width);
    return [
      `${head}${id.padEnd(idWidth)}${first}`,
      ...[...rest, ...(isFine ? [] : wrap(`wanted: ${wanted}`, width))].map((line) => indent + line),
      ...wrap(advice, width - 3).map((line, i) => `${indent}${i === 0 ? '-> ' : '   '}${line}`),
    ];
  });
  return [...lines, '', summary(checks)].join('\n');
}

function summary(checks: readonly Check[]): string {
  const count = (status: CheckStatus) => checks.filter((each) => each.status === status).length;
  const parts = [
    [count('wrong'), 'wrong'],
    [count('warning'), 'to look at'],
    [count('unknown'), 'could not be checked'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, text]) => `${number} ${text}`);
  return `${checks.length} checks: ${told.length === 0 ? 'all is well' : told.join(', ')}.`;
}

/** Lines of at most `width` characters, broken between words. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
