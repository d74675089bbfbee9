import { CannotRun } from '../command.types.js';
import { parseOptions, wholeNumber } from '../option.parser.js';

/** What `cluster` starts. */
export interface ClusterOptions {
  /** One gateway for each; 0 takes a free port. */
  readonly ports: readonly number[];
  readonly schedulers: number;
}

const FIRST_PORT = 3_000;
const DEFAULT_GATEWAYS = 2;
const PORT_RANGE = { min: 0, max: 65_535 };
const COUNT_RANGE = { min: 1, max: 16 }; // more processes than that want several machines, not this command

/**
 * Reads the options of `cluster`. `--ports` says how many gateways there are, else `--gateways` does, on the ports from
 * 3000 on.
 *
 * @throws CannotRun for anything that is not meant, and where the two disagree
 */
export function parseClusterOptions(args: readonly string[]): ClusterOptions {
  const values = parseOptions(args, {
    ports: { type: 'string' },
    gateways: { type: 'string' },
    schedulers: { type: 'string', default: '1' },
  });
  const gateways =
    values.gateways === undefined ? undefined : wholeNumber('--gateways', values.gateways, COUNT_RANGE);
  const ports =
    values.ports === undefined
      ? Array.from({ length: gateways ?? DEFAULT_GATEWAYS }, (_, index) => FIRST_PORT + index)
      : values.ports.split(',').map((port) => wholeNumber('--ports', port.trim(), PORT_RANGE));
  if (gateways !== undefined && gateways !== ports.length) {
    throw new CannotRun(
      `--gateways ${gateways} and --ports (${ports.length}) disagree; leave one of them out.`,
    );
  }
  if (ports.length > COUNT_RANGE.max) throw new CannotRun(`--ports takes at most ${COUNT_RANGE.max} ports.`);
  const fixed = ports.filter((port) => port !== 0);
  if (new Set(fixed).size < fixed.length) throw new CannotRun('--ports names a port twice.');
  return { ports, schedulers: wholeNumber('--schedulers', values.schedulers, COUNT_RANGE) };
}
