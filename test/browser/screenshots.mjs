// Takes the pictures of docs/screenshots anew: the browser tests that look at every page, told to keep what they see.
// usage: npm run screenshots [-- folder]
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const [folder = path.join('docs', 'screenshots')] = process.argv.slice(2);

const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    path.join('node_modules', 'jest', 'bin', 'jest.js'),
    path.join('test', 'browser', 'looks'),
    ...['--selectProjects', 'browser'],
  ],
  { cwd: ROOT, stdio: 'inherit', env: { ...process.env, QUIZBELL_SCREENSHOTS: folder } },
);
process.exitCode = status ?? 1;
