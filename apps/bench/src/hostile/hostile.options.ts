import { type CommonOptions, number, SEED, suiteOptions } from '../option.parser.js';
import { SEEDS } from '../seeded.random.js';

/** What `hostile` does. */
export interface HostileOptions extends CommonOptions {
  readonly frames: number;
  readonly connections: number;
  readonly seed: number;
}

const DEFAULTS = { frames: 100_000, connections: 200 };
const SMOKE = { frames: 5_000, connections: 50 };

const OPTIONS = {
  frames: number(100, 10_000_000),
  connections: number(1, 2_000),
  seed: SEED,
};

/** @throws CannotRun for anything that is not meant */
export function parseHostileOptions(args: readonly string[], randomSeed: number): HostileOptions {
  const { common, given } = suiteOptions(args, OPTIONS);
  return { ...common, ...(common.isSmoke ? SMOKE : DEFAULTS), seed: randomSeed, ...given };
}

/** One attack after the other: a storm of crafted frames, or a flood of harmless ones. */
export type Attack =
  | { readonly kind: 'storm'; readonly frames: number; readonly connections: number; readonly seed: number }
  | { readonly kind: 'flood'; readonly framesEach: number; readonly connections: number };

/** Of all frames so many are floods: half of them from every connection, half from a few that send too many. */
const FLOOD_SHARE = 0.4;
/** Frames of a storm are all made before it begins. */
const STORM_FRAMES = 2_500;
/** Above ten times what a connection may send in its window: it is cut. */
const CUT_FRAMES = 1_200;

/** The attacks that together are as many frames as asked for: the storms, then the floods. */
export function planAttacks({ frames, connections, seed }: HostileOptions): {
  readonly storms: Attack[];
  readonly floods: Attack[];
} {
  const wideEach = Math.max(1, Math.round((frames * FLOOD_SHARE) / 2 / connections));
  const cutConnections = Math.max(1, Math.round((frames * FLOOD_SHARE) / 2 / CUT_FRAMES));
  const stormFrames = Math.max(0, frames - wideEach * connections - cutConnections * CUT_FRAMES);
  const storms = Array.from({ length: Math.ceil(stormFrames / STORM_FRAMES) }, (_, i): Attack => {
    const left = stormFrames - i * STORM_FRAMES;
    return { kind: 'storm', frames: Math.min(STORM_FRAMES, left), connections, seed: (seed + i) % SEEDS };
  });
  return {
    storms,
    floods: [
      { kind: 'flood', framesEach: wideEach, connections },
      { kind: 'flood', framesEach: CUT_FRAMES, connections: cutConnections },
    ],
  };
}
