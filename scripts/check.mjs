// The static checks, all of them even when one fails: formatting and lint, syntax rules, layers, types, generated files.
// usage: npm run check:static      exit 0 all good, 1 one failed
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.dirname(import.meta.dirname);
const BIN = path.join(ROOT, 'node_modules', '.bin');
const COLORS = process.stdout.isTTY ? 'force' : 'off';
const LAYER_FOLDERS = ['apps', 'libs', 'test'].filter((folder) => existsSync(path.join(ROOT, folder)));

const checks = [
  { name: 'format and lint', command: ['biome', 'ci', '--error-on-warnings', `--colors=${COLORS}`, '.'] },
  { name: 'syntax rules', command: ['node', 'scripts/lint-syntax.mjs'] },
  { name: 'layers', command: ['depcruise', ...LAYER_FOLDERS, '--config', '.dependency-cruiser.cjs'] },
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'types of the browser tests', command: ['tsc', '-p', 'test/browser/tsconfig.json'] },
  { name: 'types of the pages', command: ['tsc', '-p', 'apps/web/tsconfig.json'] },
];
if (existsSync(path.join(ROOT, 'scripts', 'generate-lua.mjs'))) {
  checks.push({ name: 'generated files', command: ['node', 'scripts/generate-lua.mjs', '--check'] });
}
checks.push({ name: 'configuration documents', command: ['node', 'scripts/generate-config.mjs', '--check'] });
checks.push({ name: 'table of metrics', command: ['node', 'scripts/generate-metrics.mjs', '--check'] });
checks.push({ name: 'Dart example', command: ['node', 'scripts/check-dart.mjs'] });
checks.push({ name: 'protocol documents', command: ['node', 'scripts/generate-protocol.mjs', '--check'] });
checks.push({
  name: 'measured figures',
  command: ['node', 'scripts/generate-figures.mjs', '--check'],
});
checks.push({
  name: 'types of the client',
  command: ['node', 'scripts/generate-client-types.mjs', '--check'],
});

let failed = 0;
for (const { name, command } of checks) {
  const [file, ...args] = command;
  const startedAt = performance.now();
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    cwd: ROOT,
    // `node` is the project's own, also when this script was started by an older one.
    env: { ...process.env, PATH: `${BIN}${path.delimiter}${process.env.PATH ?? ''}` },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'failed'}  ${name} (${seconds} s)`);
  if (status !== 0) {
    failed += 1;
    const output = [error?.message, stdout, stderr].filter(Boolean).join('\n').trimEnd();
    console.log(output.replace(/^/gm, '        '));
  }
}
console.log(
  failed === 0 ? `All ${checks.length} checks passed.` : `${failed} of ${checks.length} checks failed.`,
);
process.exitCode = failed === 0 ? 0 : 1;
