import { commitName, type MachineFacts } from './machine.facts.js';

/** What a document of figures says besides the figures. */
export interface RunFacts {
  /** When the run began: an ISO 8601 date. */
  readonly measuredAt: string;
  /** With `+` when files differed from it. */
  readonly commit: string;
  /** What somebody types to measure it again. */
  readonly command: string;
  readonly note?: string;
  readonly machine: MachineFacts;
}

/**
 * @param command without its arguments: `npm run drill --`
 * @param args as they were given; a `--note` stands beside the command, not in it
 */
export function runFacts(
  command: string,
  args: readonly string[],
  { machine, note }: { machine: MachineFacts; note: string | undefined },
): RunFacts {
  return {
    measuredAt: new Date().toISOString(),
    commit: commitName(),
    command: [command, ...withoutNote(args)].join(' '),
    ...(note === undefined ? {} : { note }),
    machine,
  };
}

function withoutNote(args: readonly string[]): readonly string[] {
  const at = args.indexOf('--note');
  return at === -1
    ? args.filter((arg) => !arg.startsWith('--note='))
    : args.filter((_, i) => i !== at && i !== at + 1);
}

export const machineLine = ({ machine, commit, note }: RunFacts): string =>
  `${machine.cpu}, ${machine.cores} cores, load ${machine.load} before; Node ${machine.node}, Redis ${machine.redis}; commit ${commit}${note === undefined ? '' : `; ${note}`}`;
