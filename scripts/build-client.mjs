// Makes the package @quizbell/client as it is published, in dist/client-package: ES modules and CommonJS by Vite, declarations by
// the compiler, the manifest from libs/client/package.template.json with the version of this repository. Judges it, too: publint,
// no declaration that needs another package than React, and the sizes below.
//
//   usage: node scripts/build-client.mjs [--out FOLDER]
//
// Exit 0 built, with the sizes on stdout; 1 it is not as it should be; 2 a tool failed.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { build } from 'vite';

const ROOT = path.dirname(import.meta.dirname);
const CLIENT = path.join(ROOT, 'libs', 'client');
const { values: options } = parseArgs({
  options: { out: { type: 'string', default: path.join(ROOT, 'dist', 'client-package') } },
});

/** Entries of the package by their source. Declarations keep the folders of the sources. */
const ENTRIES = {
  index: path.join(CLIENT, 'src', 'index.ts'),
  react: path.join(CLIENT, 'src', 'react', 'index.ts'),
};
const PACKAGES = ['socket.io-client', 'react'];
/** Packages that declarations may name: whoever imports the hooks has it. */
const TYPED_PACKAGES = ['react'];
/**
 * What a page loads, at most: kB (1,000 bytes) of everything that the package exports, minified and compressed by gzip. Also
 * in the README; the whole must stay small against a page's first picture.
 */
const BUDGET_KB = { client: 13, 'client and socket.io-client': 26, 'hooks besides': 2 };

const out = path.resolve(options.out);
// Vite writes names of sources as they are seen from here, whoever calls.
process.chdir(ROOT);

const problems = [];
mkdirSync(path.join(ROOT, '.cache'), { recursive: true });
// Inside the repository, so that packages are found from there.
const staging = mkdtempSync(path.join(ROOT, '.cache', 'client-package-'));
process.on('exit', () => rmSync(staging, { recursive: true, force: true }));
const made = path.join(staging, 'package');

function fail(message) {
  console.error(message);
  process.exit(2);
}

/** Vite with nothing of a configuration that may lie about. */
function bundle(inlineConfig) {
  return build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    ...inlineConfig,
  });
}

async function buildModules() {
  const output = (format, ending) => ({
    format,
    exports: 'named',
    entryFileNames: `[name].${ending}`,
    // What both entries share.
    chunkFileNames: `client.${ending}`,
    // Frameworks that render on a server must know that hooks belong to the page.
    banner: ({ name }) => (name === 'react' ? "'use client';" : ''),
    // The sources are in the map; where they lie here is nobody's business.
    sourcemapPathTransform: (file) => file.replace(/^(\.\.\/)+libs\//, '../src/'),
  });
  await bundle({
    // The sources, by their names in package.json "imports".
    resolve: { conditions: ['source', 'module', 'import', 'default'] },
    build: {
      lib: { entry: ENTRIES },
      outDir: path.join(made, 'dist'),
      target: 'es2022',
      // Whoever debugs an app reads it; the app's own bundler makes it small.
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        external: (id) => PACKAGES.includes(id),
        output: [output('es', 'js'), output('cjs', 'cjs')],
      },
    },
  });
}

/** All declarations of the client's sources, in a folder with the folders of the repository. */
function emitDeclarations() {
  const folder = path.join(staging, 'declarations');
  const project = path.join(staging, 'tsconfig.json');
  const compilerOptions = {
    declaration: true,
    emitDeclarationOnly: true,
    sourceMap: false,
    rootDir: ROOT,
    outDir: folder,
  };
  const config = {
    extends: path.join(ROOT, 'tsconfig.base.json'),
    compilerOptions,
    files: Object.values(ENTRIES),
  };
  writeFileSync(project, JSON.stringify(config));
  const { status, stdout, error } = spawnSync(
    path.join(ROOT, 'node_modules', '.bin', 'tsc'),
    ['-p', project],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) fail(`The declarations cannot be made: ${error?.message ?? stdout}`);
  return path.join(folder, 'libs', 'client', 'src');
}

/** Copies the declarations that the entries need; what only the inside needs stays inside. Each once per module system. */
function copyDeclarations(from) {
  const wanted = ['index.d.ts', path.join('react', 'index.d.ts')];
  for (const file of wanted) {
    const text = readFileSync(path.join(from, file), 'utf8');
    const folder = path.dirname(file);
    const specifiers = [];
    const published = text.replace(/(?<=\bfrom |\bimport\()(['"])([^'"]+)\1/g, (_, quote, specifier) => {
      const name = specifier === '#libs/client' ? relativeTo(folder, 'index.js') : specifier;
      specifiers.push(name);
      return quote + name + quote;
    });
    for (const specifier of specifiers) {
      if (!specifier.startsWith('.')) {
        if (!TYPED_PACKAGES.includes(specifier)) problems.push(`types/${file} needs ${specifier}.`);
        continue;
      }
      const needed = path.join(folder, specifier.replace(/\.js$/, '.d.ts'));
      if (!wanted.includes(needed)) wanted.push(needed);
    }
    const target = path.join(made, 'types', file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, published);
    const common = published.replace(/(['"])(\.{1,2}\/[^'"]+)\.js\1/g, '$1$2.cjs$1');
    writeFileSync(target.replace(/\.d\.ts$/, '.d.cts'), common);
  }
}

function relativeTo(folder, file) {
  const relative = path.relative(folder, file).split(path.sep).join('/');
  return relative.startsWith('.') ? relative : `./${relative}`;
}

function writeManifest() {
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const { name, ...template } = JSON.parse(readFileSync(path.join(CLIENT, 'package.template.json'), 'utf8'));
  writeFileSync(
    path.join(made, 'package.json'),
    `${JSON.stringify({ name, version, ...template }, null, 2)}\n`,
  );
  copyFileSync(path.join(CLIENT, 'README.md'), path.join(made, 'README.md'));
  copyFileSync(path.join(ROOT, 'LICENSE'), path.join(made, 'LICENSE'));
}

/** Bytes that a page loads for these entries, minified and compressed, without the packages of `external`. */
async function loadedBytes(entries, external) {
  const source = path.join(staging, 'page.js');
  writeFileSync(source, entries.map((entry) => `export * from './package/dist/${entry}.js';\n`).join(''));
  const { output } = await bundle({
    // Vite cannot know that a directive of the hooks means nothing in a page, and warns.
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      rolldownOptions: {
        input: source,
        preserveEntrySignatures: 'strict',
        external: (id) => external.includes(id),
      },
    },
  });
  return output
    .filter(({ type }) => type === 'chunk')
    .reduce((sum, { code }) => sum + gzipSync(code).length, 0);
}

async function judgeSizes() {
  const client = await loadedBytes(['index'], PACKAGES);
  const sizes = {
    client,
    'client and socket.io-client': await loadedBytes(['index'], []),
    'hooks besides': (await loadedBytes(['index', 'react'], PACKAGES)) - client,
  };
  for (const [name, bytes] of Object.entries(sizes)) {
    const budget = BUDGET_KB[name];
    console.log(`${name}: ${(bytes / 1_000).toFixed(1)} kB minified and compressed, at most ${budget} kB`);
    if (bytes > budget * 1_000) problems.push(`${name} is larger than its budget of ${budget} kB.`);
  }
}

async function judgeManifest() {
  const { messages, pkg } = await publint({ pkgDir: made, strict: true, pack: false });
  for (const message of messages) problems.push(`publint: ${formatMessage(message, pkg, { color: false })}`);
}

await buildModules();
copyDeclarations(emitDeclarations());
writeManifest();
await judgeSizes();
await judgeManifest();

if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  process.exit(1);
}
if (existsSync(out)) rmSync(out, { recursive: true });
mkdirSync(path.dirname(out), { recursive: true });
cpSync(made, out, { recursive: true });
