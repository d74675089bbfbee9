import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CannotRun } from '../command.types.js';
import type { DrillPlan } from './drill.options.js';
import { isFaultName } from './fault.rules.js';
import { type FaultTally, newTally } from './fault.tally.js';

/** 4: the plan says whether the drill is short. */
const FORMAT = 4;

/** What a drill has to know to go on after it was ended. */
export interface DrillState {
  readonly format: typeof FORMAT;
  readonly plan: DrillPlan;
  /** One for each fault of the plan, in its order; `times` says how many rounds were played. */
  readonly tallies: readonly FaultTally[];
}

export function newState(plan: DrillPlan): DrillState {
  return { format: FORMAT, plan, tallies: plan.faults.map(({ fault }) => newTally(fault)) };
}

/** Writes it in one step, so that a drill that is killed leaves the state of before or of after. */
export function saveState(file: string, state: DrillState): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
}

/** @throws CannotRun if there is none, or it is not one of a drill */
export function loadState(file: string): DrillState {
  let state: DrillState;
  try {
    state = JSON.parse(readFileSync(file, 'utf8')) as DrillState;
  } catch (failure) {
    throw new CannotRun(`${file} cannot be read: ${(failure as Error).message}`);
  }
  const isOurs =
    state?.format === FORMAT &&
    Array.isArray(state.tallies) &&
    Array.isArray(state.plan?.faults) &&
    state.plan.faults.every(
      (planned, index) => isFaultName(planned?.fault) && state.tallies[index]?.fault === planned.fault,
    );
  if (!isOurs) throw new CannotRun(`${file} is not the state of a drill of this release.`);
  return state;
}

/** The drill has come to its end: there is nothing to go on with. */
export function removeState(file: string): void {
  rmSync(file, { force: true });
}
