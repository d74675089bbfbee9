import { describe, expect, it } from '@jest/globals';
import { type PlotSeries, percentilePlot } from './percentile.plot.js';

const curve = (name: string, factor = 1): PlotSeries => ({
  name,
  points: [10, 50, 90, 99, 99.9, 100].map((percent, i) => ({ percent, ms: factor * 2 ** i })),
});
const plot = (...series: PlotSeries[]) => percentilePlot({ title: 'How late', yTitle: 'ms', series });

/** The points of each line, in pixels. */
const lines = (svg: string): number[][][] =>
  [...svg.matchAll(/<path class="line"[^>]* d="M([^"h]*)"\/>/g)].map(([, path = '']) =>
    path.split('L').map((point) => point.split(' ').map(Number)),
  );
const nameAt = (svg: string, name: string): number =>
  Number(new RegExp(`y="([\\d.]+)">${name}<`).exec(svg)?.[1]);

describe('percentilePlot', () => {
  it('draws one line for each series: to the right what is rarer, upwards what is later', () => {
    const [line = [], other = [], ...none] = lines(plot(curve('ours'), curve('theirs', 100)));
    expect(none).toEqual([]);
    expect(line).toHaveLength(6);
    for (const [i, [x = 0, y = 0]] of line.entries()) {
      const [beforeX = Number.NEGATIVE_INFINITY, beforeY = Number.POSITIVE_INFINITY] = line[i - 1] ?? [];
      expect(x).toBeGreaterThan(beforeX);
      expect(y).toBeLessThan(beforeY);
      expect(other[i]?.[1]).toBeLessThan(y);
    }
  });

  it('gives each power of ten the same room, of times and of rarity', () => {
    const [line = []] = lines(
      plot({ name: 'a', points: [90, 99, 99.9].map((percent, i) => ({ percent, ms: 10 ** i })) }),
    );
    const [a = [], b = [], c = []] = line;
    for (const axis of [0, 1]) {
      const [first = 0, second = 0, third = 0] = [a[axis], b[axis], c[axis]];
      expect(third - second).toBeCloseTo(second - first, 0);
      expect(Math.abs(second - first)).toBeGreaterThan(20);
    }
  });

  it('stays inside of its frame, whatever is drawn', () => {
    const extreme = {
      name: 'x',
      points: [
        { percent: 10, ms: 0 },
        { percent: 100, ms: 3_600_000 },
      ],
    };
    for (const [x = 0, y = 0] of lines(plot(extreme, curve('b'))).flat()) {
      expect(x).toBeGreaterThanOrEqual(64);
      expect(x).toBeLessThanOrEqual(560);
      expect(y).toBeGreaterThanOrEqual(48);
      expect(y).toBeLessThanOrEqual(340);
    }
  });

  it('names each line beside its end, and no name covers another', () => {
    const svg = plot(curve('first'), curve('second'), curve('third'));
    const at = ['first', 'second', 'third'].map((name) => nameAt(svg, name)).toSorted((a, b) => a - b);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(15.9);
    expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThan(15.9);
  });

  it('is readable on dark pages too, and says what it is to those who do not see it', () => {
    const svg = plot(curve('ours'));
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).toContain('role="img" aria-label="How late"');
  });

  it('leaves out what was not measured, and takes names for what they are', () => {
    expect(lines(plot({ name: 'nothing', points: [] }, curve('ours')))).toHaveLength(1);
    expect(plot({ name: 'nothing', points: [] })).not.toMatch(/NaN|Infinity/);
    expect(plot(curve('a < b & "c"'))).toContain('a &#60; b &#38; &#34;c&#34;');
  });
});
