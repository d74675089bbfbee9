/** One line of a plot. */
export interface PlotSeries {
  readonly name: string;
  readonly points: readonly { readonly percent: number; readonly ms: number }[];
}

export interface PercentilePlot {
  readonly title: string;
  /** What the numbers on the left are. */
  readonly yTitle: string;
  readonly series: readonly PlotSeries[];
}

const WIDTH = 720;
const HEIGHT = 400;
/** The lines are drawn inside of this; names of the series stand to the right of it. */
const AREA = { left: 64, right: 560, top: 48, bottom: 340 };
/** Names that stand closer than this would cover each other. */
const NAME_HEIGHT = 16;
const LEAST_MS = 0.1;
const LOWEST_PERCENT = 10;

/** Distinct also for the colour-blind (Okabe and Ito), and on light as on dark; the dashes tell them apart without colour. */
const STYLES = [
  { color: '#0a84d0', dash: '' },
  { color: '#d55e00', dash: '8 4' },
  { color: '#009e73', dash: '2 3' },
  { color: '#b8860b', dash: '10 3 2 3' },
  { color: '#c46a9b', dash: '5 3' },
] as const;

const CSS = `
    text { font: 13px system-ui, sans-serif; fill: #24292f }
    .title { font-size: 15px; font-weight: 600 }
    .back { fill: #ffffff }
    .grid { stroke: #d0d7de; stroke-width: 1 }
    .line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .back { fill: #0d1117 }
      .grid { stroke: #30363d }
    }
  `;

const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
const shown = (value: number): string => String(Math.round(value * 10) / 10);

/** How far to the right: each step of the same width makes what is above ten times rarer. */
const rarity = (percent: number): number => -Math.log10(1 - percent / 100);

/**
 * Curves of percentiles as an SVG document: to the right what is ever rarer, upwards the time, both in powers of ten. Made of
 * its arguments alone, so that a check can compare it byte by byte.
 */
export function percentilePlot({ title, yTitle, series }: PercentilePlot): string {
  const drawn = series.filter(({ points }) => points.length > 0);
  const values = drawn.flatMap(({ points }) => points.map(({ ms }) => Math.max(LEAST_MS, ms)));
  const percents = drawn.flatMap(({ points }) => points.map(({ percent }) => percent));
  const rarest = Math.max(50, ...percents.filter((percent) => percent < 100));
  // The greatest value of all stands one third of a power of ten behind the last percentile.
  const width = rarity(rarest) + 1 / 3;
  const lowest = Math.floor(Math.log10(Math.min(...values, 1)));
  const highest = Math.ceil(Math.log10(Math.max(...values, 10)));

  const x = (percent: number) => {
    const part =
      percent === 100 ? 1 : (rarity(percent) - rarity(LOWEST_PERCENT)) / (width - rarity(LOWEST_PERCENT));
    return AREA.left + part * (AREA.right - AREA.left);
  };
  const y = (ms: number) => {
    const part = (Math.log10(Math.max(LEAST_MS, ms)) - lowest) / (highest - lowest);
    return AREA.bottom - part * (AREA.bottom - AREA.top);
  };
  const parts = [
    `<rect class="back" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
    `<text class="title" x="${AREA.left}" y="28">${escaped(title)}</text>`,
    ...powersOfTen(lowest, highest).flatMap((ms) => [
      `<path class="grid" d="M${AREA.left} ${shown(y(ms))}H${AREA.right}"/>`,
      `<text x="${AREA.left - 8}" y="${shown(y(ms) + 4)}" text-anchor="end">${ms.toLocaleString('en-US')}</text>`,
    ]),
    ...[50, 90, 99, 99.9, 99.99]
      .filter((percent) => percent <= rarest)
      .flatMap((percent) => upright(x(percent), `${percent} %`)),
    ...upright(x(100), 'max'),
    `<text x="${AREA.left}" y="${HEIGHT - 16}">percentile</text>`,
    `<text transform="rotate(-90)" x="${-(AREA.top + AREA.bottom) / 2}" y="16" text-anchor="middle">${escaped(yTitle)}</text>`,
    ...drawn.map(({ points }, i) => {
      const { color, dash } = styleOf(i);
      const path = points.map(({ percent, ms }) => `${shown(x(percent))} ${shown(y(ms))}`).join('L');
      return `<path class="line" stroke="${color}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`} d="M${path}"/>`;
    }),
    ...names(drawn, y),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escaped(title)}">
  <style>${CSS}</style>
  ${parts.join('\n  ')}
</svg>
`;
}

const styleOf = (index: number) => STYLES[index % STYLES.length] as (typeof STYLES)[number];

const powersOfTen = (lowest: number, highest: number): number[] =>
  Array.from({ length: highest - lowest + 1 }, (_, i) => 10 ** (lowest + i));

const upright = (x: number, text: string): string[] => [
  `<path class="grid" d="M${shown(x)} ${AREA.top}V${AREA.bottom}"/>`,
  `<text x="${shown(x)}" y="${AREA.bottom + 18}" text-anchor="middle">${text}</text>`,
];

/** Each beside the end of its line, moved down where it would cover the one above. */
function names(series: readonly PlotSeries[], y: (ms: number) => number): string[] {
  let lowest = Number.NEGATIVE_INFINITY;
  return series
    .map(({ name, points }, i) => ({ name, at: y(points.at(-1)?.ms ?? 0), style: styleOf(i) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ name, at, style }) => {
      lowest = Math.max(at, lowest + NAME_HEIGHT);
      const dash = style.dash === '' ? '' : ` stroke-dasharray="${style.dash}"`;
      return `<path class="line" stroke="${style.color}"${dash} d="M${AREA.right + 6} ${shown(lowest)}h22"/><text x="${AREA.right + 34}" y="${shown(lowest + 4)}">${escaped(name)}</text>`;
    });
}
