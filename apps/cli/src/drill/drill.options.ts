import { randomInt } from 'node:crypto';
import { CannotRun } from '../command.types.js';
import { parseOptions, wholeNumber } from '../option.parser.js';
import { FAULT_NAMES, type FaultName, isFaultName } from './fault.rules.js';

/** What a drill plays: everything that a resumed one has to know again. */
export interface DrillPlan {
  readonly seed: number;
  /** In this order. */
  readonly faults: readonly PlannedFault[];
  readonly rooms: number;
  /** A look at whether everything works, also on a machine that stands still now and then: limits of time are judged so. */
  readonly isShort: boolean;
}

export interface PlannedFault {
  readonly fault: FaultName;
  readonly times: number;
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
  /** A file that gets the JSON document too. */
  readonly out: string | undefined;
  /** For the document: what else was going on. */
  readonly note: string | undefined;
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
    out: { type: 'string' },
    note: { type: 'string' },
  });
  const planned = [values.faults, values.times, values.rooms, values.seed].some((one) => one !== undefined);
  if (values.resume !== undefined && (planned || values.short || values['self-test'])) {
    throw new CannotRun(
      '--resume goes on with the seed, faults, times and rooms of its file: name none of them.',
    );
  }
  const times = wholeNumber('--times', values.times ?? (values.short ? SHORT.times : DEFAULT_TIMES), TIMES);
  const rooms = values.rooms ?? (values.short ? SHORT.rooms : DEFAULT_ROOMS);
  return {
    plan: {
      seed: values.seed === undefined ? randomInt(SEEDS.max) : wholeNumber('--seed', values.seed, SEEDS),
      faults: faultsOf(values.faults ?? FAULT_NAMES.join(','), times),
      rooms: wholeNumber('--rooms', rooms, ROOMS),
      isShort: values.short,
    },
    json: values.json,
    selfTest: values['self-test'],
    resume: values.resume,
    stateFile: values.state,
    out: values.out,
    note: values.note,
  };
}

/** @param text `kill-owner:50,redis-kill`: those without a number as often as `times` says */
function faultsOf(text: string, times: number): PlannedFault[] {
  const planned = text.split(',').map((part) => {
    const [name = '', own] = part.trim().split(':');
    return { fault: name.trim(), times: own === undefined ? times : wholeNumber('--faults', own, TIMES) };
  });
  const unknown = planned.filter(({ fault }) => !isFaultName(fault));
  if (unknown.length > 0) {
    const names = unknown.map(({ fault }) => fault).join(', ');
    throw new CannotRun(`--faults knows no "${names}". The faults are: ${FAULT_NAMES.join(', ')}.`);
  }
  // Of a fault that is named twice the first counts.
  const first = new Map([...planned].reverse().map(({ fault, times: often }) => [fault, often]));
  return [...new Set(planned.map(({ fault }) => fault))]
    .filter(isFaultName)
    .map((fault) => ({ fault, times: first.get(fault) ?? times }));
}
