import { type Figures, figuresOf, hundredths, median } from '../percentiles.js';
import { machineLine, type RunFacts } from '../suite.output.js';
import type { StartsReport } from './start.contest.js';
import type { ServerName } from './start.servers.js';

/** From the host's sending, ms. */
export interface StartTimes {
  readonly starts: number;
  /** To the last player. */
  readonly last: Figures;
  /** To the first one. */
  readonly first: Figures;
}

export type MeasuredStarts = Readonly<Record<ServerName, StartsReport>>;

/** Ours divided by bare Socket.IO's. */
export interface StartRatios {
  readonly p50: number;
  readonly p99: number;
}

export interface StartSizeResult {
  readonly players: number;
  readonly rounds: readonly (Readonly<Record<ServerName, StartTimes>> & { readonly ratio: StartRatios })[];
  /** All rounds together. */
  readonly all: Readonly<Record<ServerName, StartTimes>>;
  /** Until the last player: medians of the rounds. */
  readonly ratio: StartRatios;
}

export interface StartResult extends RunFacts {
  readonly bench: 'start';
  readonly seed: number;
  readonly gateways: number;
  readonly sizes: readonly StartSizeResult[];
  /** Every player heard every start, and every stop, once. */
  readonly isKept: boolean;
  readonly broken: readonly string[];
}

/** As many examples as help to see what is wrong. */
const EXAMPLES = 5;
const timesOf = (reports: readonly StartsReport[]): StartTimes => ({
  starts: reports.reduce((sum, { lastMs }) => sum + lastMs.length, 0),
  last: figuresOf(reports.flatMap(({ lastMs }) => lastMs)),
  first: figuresOf(reports.flatMap(({ firstMs }) => firstMs)),
});

export function startSizeResult(players: number, measured: readonly MeasuredStarts[]): StartSizeResult {
  const rounds = measured.map((round) => {
    const [quizbell, bare] = [timesOf([round.quizbell]), timesOf([round.bare])];
    const ratio = {
      p50: hundredths(quizbell.last.p50 / bare.last.p50),
      p99: hundredths(quizbell.last.p99 / bare.last.p99),
    };
    return { quizbell, bare, ratio };
  });
  return {
    players,
    rounds,
    all: {
      quizbell: timesOf(measured.map(({ quizbell }) => quizbell)),
      bare: timesOf(measured.map(({ bare }) => bare)),
    },
    ratio: {
      p50: hundredths(median(rounds.map(({ ratio }) => ratio.p50))),
      p99: hundredths(median(rounds.map(({ ratio }) => ratio.p99))),
    },
  };
}

export function startResult(
  sizes: readonly { readonly players: number; readonly rounds: readonly MeasuredStarts[] }[],
  about: RunFacts & Pick<StartResult, 'seed' | 'gateways'>,
): StartResult {
  const broken = sizes.flatMap(({ rounds }) =>
    rounds.flatMap(({ quizbell, bare }) => [...quizbell.unheard, ...bare.unheard]),
  );
  return {
    bench: 'start',
    ...about,
    sizes: sizes.map(({ players, rounds }) => startSizeResult(players, rounds)),
    isKept: broken.length === 0,
    broken: broken.slice(0, EXAMPLES),
  };
}

const line = (name: string, values: readonly (number | string)[]): string =>
  `  ${name.padEnd(24)}${values.map((value) => `${value}`.padStart(10)).join('')}`;

const cells = ({ starts, first, last }: StartTimes) => [
  starts,
  first.p50,
  first.p99,
  last.p50,
  last.p99,
  last.max,
];

/** By size: all rounds together, and the medians of the rounds' ratios. */
export function startTable({ sizes, gateways, isKept, broken, ...facts }: StartResult): string {
  return [
    line('', ['starts', 'first p50', 'p99', 'last p50', 'p99', 'max']),
    ...sizes.flatMap(({ players, all, ratio }) => [
      line(`${players} players, quizbell`, cells(all.quizbell)),
      line('bare Socket.IO', cells(all.bare)),
      `  Ours as a part of it, median of the rounds: p50 ${ratio.p50}, p99 ${ratio.p99}`,
    ]),
    ...(isKept ? [] : ['BROKEN: not everybody heard everything once:', ...broken.map((text) => `  ${text}`)]),
    `Ms from the host's sending of question:start until the first and the last player had question:started, over ${gateways} gateways.`,
    machineLine(facts),
  ].join('\n');
}
