/** One line of Prometheus' text format. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** What `/metrics` says; comments and lines that are no samples are left out. */
export function samplesOf(text: string): MetricSample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labelText = '', number] = SAMPLE.exec(line) ?? [];
    if (name === undefined) return [];
    const labels = Object.fromEntries([...labelText.matchAll(LABEL)].map(([, key, value]) => [key, value]));
    return [{ name, labels, value: Number(number) }];
  });
}

/** The sum of a metric over all its labels. */
export function total(samples: readonly MetricSample[], name: string): number {
  return samples.reduce((sum, sample) => (sample.name === name ? sum + sample.value : sum), 0);
}

/** A counter's growth between two readings, by one of its labels; what did not grow is left out. */
export function growthBy(
  before: readonly MetricSample[],
  after: readonly MetricSample[],
  name: string,
  label: string,
): Record<string, number> {
  const growth = new Map<string, number>();
  const add = (samples: readonly MetricSample[], sign: 1 | -1) => {
    for (const { name: other, labels, value } of samples) {
      if (other !== name) continue;
      const key = labels[label] ?? '';
      growth.set(key, (growth.get(key) ?? 0) + sign * value);
    }
  };
  add(after, 1);
  add(before, -1);
  return Object.fromEntries(
    [...growth].filter(([, value]) => value !== 0).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
