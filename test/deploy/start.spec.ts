import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..');
/** What docker-compose.yml says where there is no .env. */
const COMPOSE = {
  NODE_ENV: '',
  REDIS_URL: 'redis://:insecure-development-password@redis:6379',
  QUIZBELL_SECRET: 'insecure-development-secret-that-everybody-knows',
  QUIZBELL_API_KEYS: '',
};
let folder: string;

/** Starts a gateway as the image does, of which there is only a word about its mode. */
function start(env: Record<string, string>): { mode: string; stderr: string } {
  const options = { encoding: 'utf8', env: { PATH: process.env.PATH, ...COMPOSE, ...env } } as const;
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'start.mjs'), 'gateway'], options);
  return { mode: stdout, stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quizbell-start-'));
  cpSync(join(ROOT, 'deploy/image/start.mjs'), join(folder, 'start.mjs'));
  mkdirSync(join(folder, 'dist/apps/gateway/src'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(folder, 'dist/apps/gateway/src/main.js'),
    "process.stdout.write(process.env.NODE_ENV ?? '');",
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the image under docker-compose.yml', () => {
  it('is in development without an .env, and says so loudly', () => {
    const { mode, stderr } = start({});
    expect(mode).toBe('');
    expect(stderr).toMatch(/!! WARNING: Quizbell runs in development mode\./);
  });

  it.each([
    ['QUIZBELL_API_KEYS', 'a-key-of-somebody'],
    ['QUIZBELL_SECRET', 'a-secret-of-somebody'],
    ['REDIS_PASSWORD', 'a-password-of-somebody'],
    ['REDIS_URL', 'redis://:a-password-of-somebody@redis:6379'],
  ])('is in production once %s is set, and says why, but no value', (name, value) => {
    const { mode, stderr } = start({ [name]: value });
    expect(mode).toBe('production');
    expect(stderr).toContain(`NODE_ENV is not set, unlike ${name}: the rules of production hold.`);
    expect(stderr).not.toMatch(/WARNING|somebody/);
  });

  it('is what NODE_ENV says, where it says something', () => {
    const development = start({ NODE_ENV: 'development', QUIZBELL_API_KEYS: 'a-key-of-somebody' });
    expect(development.mode).toBe('development');
    expect(development.stderr).toMatch(/WARNING/);
    expect(start({ NODE_ENV: 'production' })).toEqual({ mode: 'production', stderr: '' });
  });
});
