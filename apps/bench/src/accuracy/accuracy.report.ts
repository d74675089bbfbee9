import { type Figures, figuresOf, hundredths, rounded } from '../percentiles.js';
import { machineLine, type RunFacts } from '../suite.output.js';
import type { LinkProfile } from './delay.line.js';
import { type DeviceReadings, SHOWN_BY, type ShownBy, type Truth } from './device.orders.js';

/** The goal once 32 samples are in, ms. */
export const GOAL_P99_MS = 15;
/** What the truth and the gateway's own clock may be off, besides what was measured of them, ms. */
const MARGIN_MS = 1;

/** The error of what one way shows, milliseconds either way. */
export interface WayFigures {
  readonly by: ShownBy;
  readonly early: Figures;
  /** Of devices whose clock was wrong all the time, and of those whose clock was set meanwhile, too. */
  readonly late: { readonly steady: Figures; readonly stepping: Figures };
}

export interface AccuracyResult extends RunFacts {
  readonly bench: 'accuracy';
  readonly seed: number;
  readonly devices: number;
  /** After joining, milliseconds. */
  readonly readAfterMs: { readonly early: number; readonly late: number };
  readonly clocks: {
    readonly skewsMs: readonly number[];
    readonly stepsMs: readonly number[];
    readonly stepAfterMs: number;
  };
  readonly link: LinkProfile & { readonly held: Figures & { readonly pieces: number } };
  readonly truth: Truth;
  readonly ways: readonly WayFigures[];
  /** The SDK once it had 32 samples: its error, how long that took, and how many devices got there. */
  readonly sampled: { readonly devices: number; readonly errorMs: Figures; readonly afterMs: Figures };
  /** Of the SDK in the end: how far off it said to be at most, and how often it was further off than that. */
  readonly claimed: { readonly errorMs: Figures; readonly samples: Figures; readonly broken: number };
  readonly goalP99Ms: number;
  readonly isGoalMet: boolean;
  /** Every device was right about how wrong it may be. */
  readonly isKept: boolean;
}

const sizes = (values: readonly number[]): Figures => figuresOf(values.map(Math.abs));

export function accuracyResult(
  readings: readonly DeviceReadings[],
  about: Omit<
    AccuracyResult,
    'bench' | 'devices' | 'ways' | 'sampled' | 'claimed' | 'goalP99Ms' | 'isGoalMet' | 'isKept'
  >,
): AccuracyResult {
  const { truth } = about;
  const of = (by: ShownBy, isStepping: boolean) =>
    sizes(readings.filter((one) => one.isStepping === isStepping).map(({ late }) => late[by]));
  const ways = SHOWN_BY.map((by) => ({
    by,
    early: sizes(readings.map(({ early }) => early[by])),
    late: { steady: of(by, false), stepping: of(by, true) },
  }));
  const sampled = readings.flatMap((one) => one.sampled ?? []);
  const errorMs = sizes(sampled.map((one) => one.errorMs));
  const slackMs = truth.uncertaintyMs + truth.movedMs + truth.gatewayOffMs + MARGIN_MS;
  const isBroken = ({ late, claimedMs }: DeviceReadings) =>
    claimedMs === null || Math.abs(late.sdk) > claimedMs + slackMs;
  const broken = readings.filter(isBroken).length;
  return {
    bench: 'accuracy',
    ...about,
    truth: {
      uncertaintyMs: hundredths(truth.uncertaintyMs),
      movedMs: hundredths(truth.movedMs),
      gatewayOffMs: hundredths(truth.gatewayOffMs),
    },
    devices: readings.length,
    ways,
    sampled: {
      devices: sampled.length,
      errorMs,
      afterMs: sizes(sampled.map(({ afterMs }) => afterMs)),
    },
    claimed: {
      errorMs: sizes(readings.map(({ claimedMs }) => claimedMs ?? Number.POSITIVE_INFINITY)),
      samples: figuresOf(readings.map(({ samples }) => samples)),
      broken,
    },
    goalP99Ms: GOAL_P99_MS,
    isGoalMet: sampled.length === readings.length && errorMs.p99 <= GOAL_P99_MS,
    isKept: readings.length > 0 && broken === 0,
  };
}

const WAYS: Readonly<Record<ShownBy, string>> = {
  sdk: 'SDK',
  timesync: 'timesync, as it comes',
  'timesync-32': 'timesync, 32 samples',
  'counted-on': 'last tick, counted on',
  'last-tick': 'last tick',
  'device-clock': 'device clock, wrong',
  'right-clock': 'device clock, right',
};

const figures = ({ p50, p99, max }: Figures): string =>
  [p50, p99, max].map((value) => String(rounded(value)).padStart(12)).join('');

export function accuracyTable(result: AccuracyResult): string {
  const { ways, sampled, claimed, truth, link, readAfterMs } = result;
  const rows = (title: string, pick: (way: WayFigures) => Figures) => [
    `  ${title.padEnd(50)}${['p50', 'p99', 'max'].map((name) => name.padStart(12)).join('')}`,
    ...ways.map((way) => `    ${WAYS[way.by].padEnd(48)}${figures(pick(way))}`),
  ];
  const lateS = readAfterMs.late / 1_000;
  return [
    `${result.devices} devices over a connection of ${link.delayMs} +- ${link.spreadMs} ms each way: error of what is shown as left, ms.`,
    ...rows('1 s after joining', ({ early }) => early),
    ...rows(`${lateS} s after joining, clock days off`, ({ late }) => late.steady),
    ...rows(`${lateS} s after joining, clock set meanwhile`, ({ late }) => late.stepping),
    `  SDK once 32 samples are in (${sampled.devices} devices)`.padEnd(52) + figures(sampled.errorMs),
    '    ms from joining until then'.padEnd(52) + figures(sampled.afterMs),
    '  SDK: how far off it said to be at most'.padEnd(52) + figures(claimed.errorMs),
    `  Goal once 32 samples are in: p99 at most ${result.goalP99Ms} ms: ${result.isGoalMet ? 'met' : 'missed'}.`,
    result.isKept
      ? '  No device was further off than it said.'
      : `  BROKEN: ${claimed.broken} devices were further off than they said.`,
    `  The proxy held ${link.held.pieces} pieces: p50 ${link.held.p50}, p99 ${link.held.p99}, max ${link.held.max} ms.`,
    `  The truth is known to ${truth.uncertaintyMs} ms; the gateway's clock was up to ${truth.gatewayOffMs} ms from it.`,
    `Seed ${result.seed}.`,
    machineLine(result),
  ].join('\n');
}
