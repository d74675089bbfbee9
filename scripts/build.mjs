// Builds dist/ with tsc, and the pages (dist/web) with Vite, each only when something is out of date. Every command that runs
// the build calls it first.
//
// What counts is content, not time: dist/.build.json holds hashes over the names and the content of all inputs as they
// were when the build began. So a removed file, a checkout of older files and an edit during a build are all noticed.
// Silent when there is nothing to do; speaks on stderr only, because a caller's stdout may be a JSON document.
// Exit 0 up to date or built; 2 could not build.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const ROOT = path.dirname(import.meta.dirname);
const DIST = path.join(ROOT, 'dist');
const STAMP = path.join(DIST, '.build.json');
const LOCK = path.join(ROOT, '.cache', 'build.lock');
const CONFIGS = ['package.json', 'tsconfig.base.json', 'tsconfig.build.json'];

const PAGES = path.join(DIST, 'web');
const PAGES_CONFIG = path.join('apps', 'web', 'vite.config.ts');
/** What the pages are made of. */
const PAGES_FOLDERS = ['apps/web', 'libs/client/src', 'libs/protocol/src/wire'];
/** Not part of the pages. */
const PAGES_EXCLUDED = /\.spec(-helper)?\.tsx?$|^apps\/web\/test\/|\.md$/;

/** What tsconfig.build.json excludes: it has no output, and waiting for one would mean to build every time. */
const EXCLUDED = /\.spec(-helper)?\.tsx?$|^libs\/testing\/|^apps\/web\//;

/** How often a waiting build looks at the lock. */
const LOCK_POLL_MS = 100;
/** No build takes as long: a lock of this age was left behind, whatever process has its number now. */
const LOCK_MAX_AGE_MS = 300_000;
/** A lock folder without an owner file is being made at this moment; older, its maker died in between. */
const LOCK_MAKING_MS = 5_000;

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(file) : [file];
  });
}

/** The sources that tsconfig.build.json names, relative to the root, sorted. */
function sources() {
  return ['apps', 'libs']
    .flatMap((group) => {
      const folder = path.join(ROOT, group);
      return existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name, 'src')) : [];
    })
    .flatMap(filesUnder)
    .map((file) => path.relative(ROOT, file))
    .filter((file) => /\.tsx?$/.test(file) && !EXCLUDED.test(file.split(path.sep).join('/')))
    .sort();
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of [...CONFIGS, ...files]) {
    const content = readFileSync(path.join(ROOT, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** All files that the pages are made of, relative to the root, sorted. */
function pageSources() {
  return PAGES_FOLDERS.flatMap((folder) => filesUnder(path.join(ROOT, folder)))
    .map((file) => path.relative(ROOT, file))
    .filter((file) => !PAGES_EXCLUDED.test(file.split(path.sep).join('/')))
    .sort();
}

function outputOf(source) {
  return path.join(DIST, source.replace(/\.tsx?$/, '.js'));
}

/** What the last build has noted; nothing when there was none. */
function readStamp() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return {};
  }
}

function writeStamp(stamp) {
  const next = `${STAMP}.${process.pid}`;
  mkdirSync(DIST, { recursive: true });
  writeFileSync(next, JSON.stringify(stamp));
  renameSync(next, STAMP);
}

/** What is out of date: the hash of its inputs by its name, empty when nothing is. */
function outdated() {
  const stamp = readStamp();
  const files = sources();
  const hash = hashOf(files);
  const isBuilt = files.every((file) => file.endsWith('.d.ts') || existsSync(outputOf(file)));
  const pages = existsSync(path.join(ROOT, PAGES_CONFIG)) ? hashOf(pageSources()) : undefined;
  const arePagesBuilt = existsSync(path.join(PAGES, 'index.html'));
  return {
    ...(stamp.hash === hash && isBuilt ? {} : { hash }),
    ...(stamp.pages === pages && (arePagesBuilt || pages === undefined) ? {} : { pages }),
  };
}

/** Removes what was compiled from sources that are gone, so that nothing imports it by accident. */
function removeStaleOutput(files) {
  const expected = new Set(files.map(outputOf));
  for (const group of ['apps', 'libs']) {
    for (const file of filesUnder(path.join(DIST, group))) {
      const compiled = /^(.*\.js)(\.map)?$/.exec(file)?.[1];
      if (compiled && !expected.has(compiled)) rmSync(file, { force: true });
    }
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function isLockAbandoned() {
  let madeAt;
  try {
    madeAt = statSync(LOCK).mtimeMs;
  } catch {
    return false;
  }
  const ageMs = Date.now() - madeAt;
  if (ageMs > LOCK_MAX_AGE_MS) return true;
  try {
    const owner = JSON.parse(readFileSync(path.join(LOCK, 'owner.json'), 'utf8'));
    return owner.host === hostname() && !isAlive(owner.pid);
  } catch {
    return ageMs > LOCK_MAKING_MS;
  }
}

function tryMakeFolder(folder) {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes a lock whose owner is dead. Two waiting builds must not both remove: the second would remove the lock that
 * the first has taken since. So it is done under a lock of its own, which is held for two calls only.
 */
function removeAbandonedLock() {
  const guard = `${LOCK}.removing`;
  if (!tryMakeFolder(guard)) return;
  try {
    if (isLockAbandoned()) rmSync(LOCK, { recursive: true, force: true });
  } finally {
    rmdirSync(guard);
  }
}

async function takeLock() {
  mkdirSync(path.dirname(LOCK), { recursive: true });
  const giveUpAt = Date.now() + 2 * LOCK_MAX_AGE_MS;
  while (!tryMakeFolder(LOCK)) {
    if (Date.now() > giveUpAt) {
      fail(`Another build holds ${path.relative(ROOT, LOCK)}. If none is running, remove that folder.`);
    }
    if (isLockAbandoned()) removeAbandonedLock();
    await delay(LOCK_POLL_MS);
  }
  writeFileSync(path.join(LOCK, 'owner.json'), JSON.stringify({ pid: process.pid, host: hostname() }));
  process.on('exit', () => rmSync(LOCK, { recursive: true, force: true }));
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

/**
 * Runs a tool of node_modules/.bin and gives its exit code; on a signal it ends with us: the compiler's launcher leaves the
 * compiler behind otherwise.
 */
function runTool(name, args) {
  const launcher = path.join(ROOT, 'node_modules', '.bin', name);
  if (!existsSync(launcher)) fail(`${name} is missing. Run "npm ci" first.`);
  const child = spawn(process.execPath, [realpathSync(launcher), ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 2, 2],
  });
  const onSignal = (signal) => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      resolve(code);
    });
  });
}

async function compile() {
  const files = sources();
  const code = await runTool('tsc', ['-p', 'tsconfig.build.json', '--noEmitOnError']);
  if (code !== 0) fail('The build failed.');
  removeStaleOutput(files);
}

/** Beside the old ones first, so that a process that starts at this moment finds them whole. */
async function buildPages() {
  const [next, old] = [`${PAGES}.next`, `${PAGES}.old`];
  const args = ['build', '--config', PAGES_CONFIG, '--outDir', next, '--logLevel', 'warn'];
  if ((await runTool('vite', args)) !== 0) fail('The build of the pages failed.');
  rmSync(old, { recursive: true, force: true });
  if (existsSync(PAGES)) renameSync(PAGES, old);
  renameSync(next, PAGES);
  rmSync(old, { recursive: true, force: true });
}

async function main() {
  if (Object.keys(outdated()).length === 0) return;
  await takeLock();
  // Another build may have done it while this one waited.
  const { hash, pages } = outdated();
  if (hash === undefined && pages === undefined) return;
  console.error('Building...');
  if (hash !== undefined) {
    writeStamp({ ...readStamp(), hash: undefined });
    await compile();
    writeStamp({ ...readStamp(), hash });
  }
  if (pages !== undefined) {
    await buildPages();
    writeStamp({ ...readStamp(), pages });
  }
}

await main();
