// The Dart sources under examples/ must parse, and be formatted as Dart's own formatter does. No Dart is needed: it is the
// formatter itself, compiled to WebAssembly. Neither types nor behaviour are checked.
// usage: node scripts/check-dart.mjs [--write]      exit 0 all good, 1 not
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from '@wasm-fmt/dart_fmt/node';

const ROOT = path.dirname(import.meta.dirname);
const EXAMPLE = path.join(ROOT, 'examples', 'flutter');
const isWriting = process.argv.includes('--write');

// The formatter's style depends on the language version, which the manifest says.
const [, version] = /^ {2}sdk: ">=(\d+\.\d+)\.\d+/m.exec(
  readFileSync(path.join(EXAMPLE, 'pubspec.yaml'), 'utf8'),
);
const files = readdirSync(EXAMPLE, { recursive: true }).filter((file) => file.endsWith('.dart'));
if (files.length === 0) throw new Error('There is no Dart source to check');

for (const file of files) {
  const target = path.join(EXAMPLE, file);
  const source = readFileSync(target, 'utf8');
  try {
    const formatted = format(source, file, { language_version: `${version}.0` });
    if (formatted === source) continue;
    if (isWriting) writeFileSync(target, formatted);
    else throw new Error('is not formatted: run "node scripts/check-dart.mjs --write"');
  } catch (error) {
    console.error(`examples/flutter/${file}: ${error.message ?? error}`);
    process.exitCode = 1;
  }
}
