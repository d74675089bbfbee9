import { rest, type TestProcess } from '#libs/testing';

const SAID = /health and metrics/i;

/** Where a process serves operators, as its log says. */
export function opsUrl({ name, lines }: TestProcess): string {
  const line = lines.find((text) => text.startsWith('{') && SAID.test(String(JSON.parse(text).msg)));
  if (line === undefined) throw new Error(`${name} never said where it serves health and metrics`);
  return `http://127.0.0.1:${JSON.parse(line).port}`;
}

/** The names of what a process counts. */
export async function metricNames(process: TestProcess): Promise<Set<string>> {
  const { body } = await rest(`${opsUrl(process)}/metrics`);
  return new Set([...String(body).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? ''));
}
