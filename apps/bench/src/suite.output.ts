import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { commitName, type MachineFacts, machineFacts } from './machine.facts.js';
import type { CommonOptions } from './option.parser.js';

/** What a document says besides the figures. */
export interface RunFacts {
  readonly measuredAt: string;
  /** With `+` when files differed from it. */
  readonly commit: string;
  readonly command: string;
  readonly note?: string;
  readonly machine: MachineFacts;
}

export async function runFacts(
  suite: string,
  args: readonly string[],
  redisUrl: string,
  note: string | undefined,
): Promise<RunFacts> {
  return {
    measuredAt: new Date().toISOString(),
    commit: commitName(),
    command: [`npm run bench -- ${suite}`, ...withoutNote(args)].join(' '),
    ...(note === undefined ? {} : { note }),
    machine: await machineFacts(redisUrl),
  };
}

/** The note stands beside the command, not in it. */
function withoutNote(args: readonly string[]): readonly string[] {
  const at = args.indexOf('--note');
  return at === -1
    ? args.filter((arg) => !arg.startsWith('--note='))
    : args.filter((_, i) => i !== at && i !== at + 1);
}

/** The document on stdout, or the tables; and the document in the file that was asked for. */
export async function tell(result: object, tables: string, { json, out }: CommonOptions): Promise<void> {
  const document = `${JSON.stringify(result, null, 2)}\n`;
  if (out !== undefined) {
    await mkdir(path.dirname(out), { recursive: true });
    await writeFile(out, document);
  }
  process.stdout.write(json ? document : `${tables}\n`);
}

export const machineLine = ({ machine, commit, note }: RunFacts): string =>
  `${machine.cpu}, ${machine.cores} cores, load ${machine.load} before; Node ${machine.node}, Redis ${machine.redis}; commit ${commit}${note === undefined ? '' : `; ${note}`}`;
