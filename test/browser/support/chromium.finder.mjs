// Finds a Chromium for the browser tests, or lets Playwright install one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** A download of about 170 MB. */
const INSTALL_TIMEOUT_MS = 180_000;
const START_TIMEOUT_MS = 30_000;

/**
 * Only our own pages are loaded, so the sandbox, which root and many containers cannot have, is left out; nothing here needs a
 * graphics card or asks anybody else's servers.
 */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--mute-audio',
];

const onPath = () =>
  (process.env.PATH ?? '')
    .split(path.delimiter)
    .flatMap((folder) => NAMES.map((name) => path.join(folder, name)))
    .filter((file) => existsSync(file));

/** A launcher may be there that leads nowhere, such as one that would first install a package of another kind. */
function isWorking(file) {
  return (
    spawnSync(file, ['--version'], { encoding: 'utf8', timeout: START_TIMEOUT_MS }).stdout?.includes(
      'Chrom',
    ) === true
  );
}

/** By Playwright's own installer, into its own folder; the reason if it could not. */
function install() {
  const cli = path.join(
    path.dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')),
    'cli.js',
  );
  const { status, stderr, error } = spawnSync(process.execPath, [cli, 'install', '--no-shell', 'chromium'], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INSTALL_TIMEOUT_MS,
  });
  if (status === 0) return undefined;
  return (
    error?.message ?? stderr.split('\n').find((line) => /error|fail/i.test(line)) ?? `it ended with ${status}`
  );
}

/**
 * Where a Chromium is: QUIZBELL_CHROMIUM, or on the PATH, or Playwright's, which is installed if nothing else helps.
 *
 * @returns {{ path: string } | { problem: string }}
 */
export function findChromium() {
  const named = process.env.QUIZBELL_CHROMIUM;
  if (named) {
    return isWorking(named)
      ? { path: named }
      : { problem: `QUIZBELL_CHROMIUM is "${named}", which does not run` };
  }
  const installed = chromium.executablePath();
  const found = [...onPath(), installed].find((file) => existsSync(file) && isWorking(file));
  if (found !== undefined) return { path: found };
  const problem = install();
  if (problem === undefined && isWorking(installed)) return { path: installed };
  return {
    problem: `there is no ${NAMES.join(' or ')} on the PATH, and none could be installed (${problem ?? 'it does not run'})`,
  };
}
