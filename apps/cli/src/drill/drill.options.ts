import { randomInt } from 'node:crypto';
import { CannotRun } from '../command.types.js';
import { parseOptions, wholeNumber } from '../option.parser.js';
import { FAULT_NAMES, type FaultName, isFaultName } from './fault.rules.js';

/** What a drill plays: everything that a resumed one has to know again. */
export interface DrillPlan {
  readonly seed: number;
  readonly faults: readonly FaultName[];
  readonly times: number;
  readonly rooms: number;
}

/** What `drill` was asked for. */
export interface DrillOptions {
  readonly plan: DrillPlan;
  readonly json: boolean;
  readonly selfTest: boolean;
  /** A state file to go on from; its plan is played, not `plan`. */
  readonly resume: string | undefined;
  /** Where the state of this drill is kept; `undefined`: in the default place. */
  readonly stateFile: string | undefined;
}

const TIMES = { min: 1, max: 100_000 };
const ROOMS = { min: 1, max: 2_000 };
const SEEDS = { min: 0, max: 2 ** 32 - 1 };
const DEFAULT_TIMES = '3';
const DEFAULT_ROOMS = '200';
const SHORT = { times: '1', rooms: '30' };

/** @throws CannotRun for anything that is not meant */
export function parseDrillOptions(args: readonly string[]): DrillOptions {
  const values = parseOptions(args, {
    faults: { type: 'string' },
    times: { type: 'string' },
    rooms: { type: 'string' },
    seed: { type: 'string' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'self-test': { type: 'boolean', default: false },
    resume: { type: 'string' },
    state: { type: 'string' },
  });
  const planned = [values.faults, values.times, values.rooms, values.seed].some((one) => one !== undefined);
  if (values.resume !== undefined && (planned || values.short || values['self-test'])) {
    throw new CannotRun(
      '--resume goes on with the seed, faults, times and rooms of its file: name none of them.',
    );
  }
  const times = values.times ?? (values.short ? SHORT.times : DEFAULT_TIMES);
  const rooms = values.rooms ?? (values.short ? SHORT.rooms : DEFAULT_ROOMS);
  return {
    plan: {
      seed: values.seed === undefined ? randomInt(SEEDS.max) : wholeNumber('--seed', values.seed, SEEDS),
      faults: values.faults === undefined ? FAULT_NAMES : faultsOf(values.faults),
      times: wholeNumber('--times', times, TIMES),
      rooms: wholeNumber('--rooms', rooms, ROOMS),
    },
    json: values.json,
    selfTest: values['self-test'],
    resume: values.resume,
    stateFile: values.state,
  };
}

function faultsOf(text: string): FaultName[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const unknown = names.filter((name) => !isFaultName(name));
  if (unknown.length > 0) {
    throw new CannotRun(
      `--faults knows no "${unknown.join(', ')}". The faults are: ${FAULT_NAMES.join(', ')}.`,
    );
  }
  return names.filter(isFaultName);
}
