import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY_ROOT } from '#libs/testing';
import { parseFrame } from './frames.js';
import type { Recorder } from './recorder.js';
import type { Scenario } from './scenarios.js';
import type { Step, Vector } from './vector.types.js';

const FOLDER = path.join(REPOSITORY_ROOT, 'conformance');

const fileOf = (name: string) => path.join(FOLDER, `${name}.json`);

export function readVector(name: string): Vector {
  return JSON.parse(readFileSync(fileOf(name), 'utf8'));
}

/** The names of all committed vectors. */
export const vectorNames = (): string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();

export function vectorOf({ name, about }: Scenario, { member, steps }: Recorder): Vector {
  return { format: 1, protocol: 1, name, about, member, steps };
}

/** One step a line, so that a reader sees the conversation and a diff its change. */
export function writeVector(vector: Vector): void {
  const { steps, ...head } = vector;
  const lines = Object.entries(head).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`,
  );
  const list = steps.map((step) => `    ${JSON.stringify(step)}`).join(',\n');
  writeFileSync(fileOf(vector.name), `{\n${lines.join('\n')}\n  "steps": [\n${list}\n  ]\n}\n`);
}

/** Numbers above are instants (epoch milliseconds) or versions, which are made of them. */
const INSTANT_FROM = 1_000_000_000_000;
/** Fields of which every run has another value, and what is said of them instead. */
const OF_THE_RUN = new Set([
  'roomId',
  'playerId',
  'token',
  'sid',
  'pin',
  'server',
  'remainingMs',
  'elapsedMs',
  'lateByMs',
]);

/** A conversation without what differs from one run to the next: ids, instants, and how many ticks a busy machine skipped. */
export function gistOf(steps: readonly Step[]): unknown[] {
  return steps.flatMap((step): object[] => {
    if ('end' in step) return [{ connection: step.connection, end: step.end }];
    const text = 'client' in step ? step.client : step.server;
    const frame = parseFrame(text);
    if (frame.kind === 'event' && frame.event === 'question:tick') return [];
    const payload = 'payload' in frame ? gistOfValue(frame.payload) : undefined;
    const {
      view,
      at: _,
      client: __,
      server: ___,
      action,
      ...marks
    } = step as Record<string, unknown> & Step & { view?: unknown; action?: unknown };
    return [{ ...marks, ...frame, payload, action: gistOfValue(action), view: gistOfValue(view) }];
  });
}

function gistOfValue(value: unknown, key = ''): unknown {
  if (OF_THE_RUN.has(key) && value !== null) return `<${key}>`;
  if (typeof value === 'number' && value >= INSTANT_FROM) return '<instant>';
  if (Array.isArray(value)) return value.map((one) => gistOfValue(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, gistOfValue(one, name)]));
}
