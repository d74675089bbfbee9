import { pino } from 'pino';

const SHOWN_APART = new Set(['time', 'level', 'name', 'msg', 'pid', 'hostname', 'err']);

/** A line of pino's JSON as people read it: `12:34:56.789 WARN gateway: message field=value`. */
export function plainLine(json: string): string {
  const entry = JSON.parse(json) as Record<string, unknown>;
  const time = new Date(Number(entry.time)).toISOString().slice(11, 23);
  const level = (pino.levels.labels[Number(entry.level)] ?? '').toUpperCase();
  const fields = Object.entries(entry)
    .filter(([field]) => !SHOWN_APART.has(field))
    .map(([field, value]) => ` ${field}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const error = entry.err as { stack?: string; message?: string } | undefined;
  const trace = error === undefined ? '' : `\n${error.stack ?? error.message ?? ''}`;
  return `${time} ${level} ${String(entry.name)}: ${String(entry.msg ?? '')}${fields.join('')}${trace}\n`;
}
