import type { OffsetBounds } from './server.clock.js';

/** A round of measuring asks no more often than this, however bad the connection is. */
export const MAX_SAMPLES = 32;
/** So many in any case: one alone could be wrong without anybody noticing. */
const MIN_SAMPLES = 4;

/** An error that nobody sees: then it is enough. */
const SMALL_ERROR_MS = 3;
/** What more samples can be expected to bring at most: then it is enough. */
const SMALL_GAIN_MS = 2;

/** The first samples come quickly: a countdown is to be right soon. */
const QUICK_SAMPLES = 8;
const QUICK_SPACING_MS = 100;
/**
 * Then they are spaced out. Frames keep their order, so one that is held up holds up all behind it: of samples sent close
 * together none is quick. (Delays of 20 to 180 ms each way, 32 samples: p99 of the error 36 ms when 20 ms apart, 11 ms so.)
 */
const WIDE_SPACING_MS = 225;

/** In the background, as long as more samples bring something: after 1 s, 2 s, 4 s, ... */
const FIRST_PAUSE_MS = 1_000;
/**
 * In the background, when settled: once a minute where samples are slow, for then it takes several to make up for the drift
 * of the clocks. Where any one of them does (at most 15 ms to either side), in five minutes, in which two crystals drift apart
 * by 6 to 15 ms: most of what a player costs a gateway between two questions are these samples.
 */
export const SETTLED_PAUSE_MS = 60_000;
export const QUICK_SETTLED_PAUSE_MS = 300_000;
const QUICK_SAMPLE_MS = 30;
/** Where there is no answer: after 5 s, 10 s, 20 s, ... */
const FIRST_RETRY_MS = 5_000;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.POSITIVE_INFINITY;

/**
 * By how much the bounds will shrink, milliseconds, if the delays to come are like those that were. Of n delays spread
 * evenly, the least is above the least possible by the n + 1st part of the spread; the spread is twice the median.
 */
export function expectedGainMs(measured: readonly OffsetBounds[]): number {
  const lows = measured.map(({ low }) => low);
  const highs = measured.map(({ high }) => high);
  const most = Math.max(...lows);
  const least = Math.min(...highs);
  const typical = Math.max(median(lows.map((low) => most - low)), median(highs.map((high) => high - least)));
  return (2 * typical) / (measured.length + 1);
}

/** Whether another sample would be for nothing. */
export function isSettled(measured: readonly OffsetBounds[], errorMs: number | null): boolean {
  if (errorMs === null || measured.length < MIN_SAMPLES) return false;
  return errorMs <= SMALL_ERROR_MS || expectedGainMs(measured) <= SMALL_GAIN_MS;
}

/** How long after the `sent`-th sample of a round to send the next, milliseconds. */
export const spacingMs = (sent: number): number =>
  sent < QUICK_SAMPLES ? QUICK_SPACING_MS : WIDE_SPACING_MS;

/** How long to wait before the `count`-th look after a whole round, milliseconds; counted from 0, Infinity when settled. */
export function pauseMs(count: number, measured: readonly OffsetBounds[]): number {
  const isQuick = median(measured.map(({ low, high }) => high - low)) <= QUICK_SAMPLE_MS;
  return grown(FIRST_PAUSE_MS, count, isQuick ? QUICK_SETTLED_PAUSE_MS : SETTLED_PAUSE_MS);
}

/** How long to wait after the `count`-th round without an answer, milliseconds; counted from 0. */
export const retryMs = (count: number): number => grown(FIRST_RETRY_MS, count, SETTLED_PAUSE_MS);

const grown = (firstMs: number, count: number, mostMs: number): number =>
  Math.min(mostMs, firstMs * 2 ** count);
