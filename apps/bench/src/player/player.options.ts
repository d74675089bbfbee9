import { type CommonOptions, number, ROUNDS, SEED, suiteOptions, TEXT } from '../option.parser.js';

/** What `player` measures. */
export interface PlayerOptions extends CommonOptions {
  /** Of each kind at each gateway. */
  readonly players: number;
  /** Of each kind at each gateway. */
  readonly rooms: number;
  readonly rounds: number;
  readonly questionMs: number;
  /** How often a player without ticks compares clocks. */
  readonly syncEveryMs: number;
  /** Of the instants at which clocks are compared. */
  readonly seed: number;
  /** A folder for a CPU profile of the gateway. */
  readonly profile: string | undefined;
}

/** What the SDK does when its clock is settled, on a connection with round trips of up to 30 ms. */
const SYNC_EVERY_S = 300;
const DEFAULTS = { players: 2_000, rooms: 40, rounds: 9, questionMs: 20_000 };
const SMOKE = { players: 100, rooms: 2, rounds: 3, questionMs: 2_500 };

const OPTIONS = {
  players: number(1, 5_000),
  rooms: number(1, 500),
  rounds: ROUNDS,
  'sync-every': number(1, 3_600),
  seed: SEED,
  profile: TEXT,
};

/** @throws CannotRun for anything that is not meant */
export function parsePlayerOptions(args: readonly string[], randomSeed: number): PlayerOptions {
  const {
    common,
    given: { 'sync-every': syncEveryS = SYNC_EVERY_S, ...given },
  } = suiteOptions(args, OPTIONS);
  const base = common.isSmoke ? SMOKE : DEFAULTS;
  const syncEveryMs = syncEveryS * 1_000;
  return { ...common, ...base, syncEveryMs, seed: randomSeed, profile: undefined, ...given };
}
