import { styleText } from 'node:util';

const COLORS = ['cyan', 'magenta', 'yellow', 'green', 'blue', 'red'] as const;

/** Writes lines of one process; made by `logPrefixes`. */
export type PrefixedWriter = (stream: 'stdout' | 'stderr', line: string) => void;

/**
 * Makes, for each name, a writer that puts the name before each line: equally wide, each in a colour of its own. No
 * colour where the stream is no terminal or NO_COLOR is set. What was on stdout stays on stdout, so that a pipe can tell
 * logs from complaints.
 */
export function logPrefixes(names: readonly string[]): Map<string, PrefixedWriter> {
  const width = Math.max(0, ...names.map((name) => name.length));
  return new Map(
    names.map((name, index) => {
      const color = COLORS[index % COLORS.length] ?? 'cyan';
      const writer: PrefixedWriter = (stream, line) => {
        const prefix = `${name.padEnd(width)} |`;
        process[stream].write(`${styleText(color, prefix, { stream: process[stream] })} ${line}\n`);
      };
      return [name, writer];
    }),
  );
}
