import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const OPS = 'libs/ops/src';
let folder: string;

/** Changes a file of the copy; the text must be there. */
function edit(file: string, from: string, to: string): void {
  const text = readFileSync(join(folder, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(join(folder, file), text.replace(from, to));
}

function generate(...args: string[]) {
  const script = join(folder, 'scripts/generate-config.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { status, stderr };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quizbell-config-'));
  for (const part of ['docs', 'scripts', OPS]) mkdirSync(join(folder, part), { recursive: true });
  for (const file of ['scripts/generate-config.mjs', 'scripts/compose-variables.mjs', 'package.json'])
    cpSync(join(ROOT, file), join(folder, file));
  for (const file of ['config.schema.ts', 'config.table.ts'])
    cpSync(join(ROOT, OPS, file), join(folder, OPS, file));
  const given = [
    ...readFileSync(join(folder, 'scripts/compose-variables.mjs'), 'utf8').matchAll(/^ {2}([A-Z_]+):/gm),
  ];
  const read = given.map(([, name]) => `  - $\{${name}:-default of ${name}}`);
  writeFileSync(join(folder, 'docker-compose.yml'), `${read.join('\n')}\n`);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the documents of the configuration', () => {
  it('have every variable with its default as it is written, and the compose files with theirs', () => {
    expect(generate()).toEqual({ status: 0, stderr: expect.any(String) });
    const table = readFileSync(join(folder, 'docs/configuration.md'), 'utf8');
    expect(table).toContain('| `QUIZBELL_RATE_EVENTS` | `100/2s` | gateway |');
    expect(table).toContain('| `QUIZBELL_SHARDS` | `8` | gateway, scheduler |');
    expect(table).toContain('| `REDIS_PASSWORD` | `default of REDIS_PASSWORD` |');
    const file = readFileSync(join(folder, '.env.example'), 'utf8');
    expect(file).toContain('\n# QUIZBELL_RATE_EVENTS=100/2s\n');
    // Copied as it is it must change nothing.
    expect(file.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
    expect(generate('--check').status).toBe(0);
  });

  it('are out of date once a default has changed', () => {
    generate();
    edit(`${OPS}/config.schema.ts`, 'integerText(1, 999).default(8)', 'integerText(1, 999).default(9)');
    const { status, stderr } = generate('--check');
    expect(status).toBe(1);
    expect(stderr).toMatch(/docs\/configuration\.md is out of date: run npm run generate/);
    expect(stderr).toMatch(/\.env\.example is out of date/);
  });

  it('are not made while a variable lacks its text, and say which one and where it belongs', () => {
    edit(`${OPS}/config.schema.ts`, '  PORT:', "  QUIZBELL_NEW: z.string().default('x'),\n  PORT:");
    writeFileSync(join(folder, 'docker-compose.yml'), '  - $' + '{ANOTHER_NEW:-1}\n', { flag: 'a' });
    for (const args of [[], ['--check']]) {
      const { status, stderr } = generate(...args);
      expect(status).toBe(1);
      expect(stderr).toMatch(/QUIZBELL_NEW has no text: describe it in .*config\.table\.ts/);
      expect(stderr).toMatch(/ANOTHER_NEW is read by docker-compose\.yml .*compose-variables\.mjs/);
    }
  });

  it('are not made for a text whose variable is gone', () => {
    edit(`${OPS}/config.schema.ts`, '  QUIZBELL_DRAIN_MS:', '  QUIZBELL_LEAVE_MS:');
    expect(generate().stderr).toMatch(/QUIZBELL_DRAIN_MS has a text but is not in/);
  });
});
