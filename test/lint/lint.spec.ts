import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** A repository in small, in a temporary folder: every file of it is a violation or the good counterpart of one. */
type Files = Record<string, string>;

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Each tool runs once over all its fixtures; cold on a busy machine it takes seconds. */
const TOOL_TIMEOUT_MS = 60_000;

const folders: string[] = [];

function repositoryOf(files: Files): string {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'quizbell-lint-')));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return root;
}

function run(
  root: string,
  script: string,
  args: string[],
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(ROOT, script), ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr };
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('the import table', () => {
  const libraries = [
    'timer-core',
    'protocol',
    'room',
    'redis-store',
    'outcomes',
    'edge',
    'scheduling',
    'ops',
    'client',
    'testing',
  ];
  const packages = [
    'zod',
    'ioredis',
    'bullmq',
    'pino',
    'react',
    'react-dom',
    'happy-dom',
    '@testing-library/react',
    'socket.io-client',
    'ws',
    'fast-check',
    '@jest/globals',
    'unlisted',
  ];

  const imports = (...specifiers: string[]): string =>
    specifiers.map((name) => `import '${name}';\n`).join('');
  const importsTypes = (name: string): string =>
    `import type { T } from '${name}';\nexport const t: T = 1;\n`;

  /** File, its text, and the rule that refuses it. */
  const refused: [file: string, text: string, rule: string][] = [
    ['libs/timer-core/src/a-library.ts', imports('#libs/room'), 'timer-core-libs'],
    ['libs/timer-core/src/a-type.ts', importsTypes('#libs/protocol'), 'timer-core-libs'],
    ['libs/timer-core/src/a-package.ts', imports('zod'), 'timer-core-npm'],
    ['libs/timer-core/src/a-builtin.ts', imports('node:crypto'), 'timer-core-node'],
    ['libs/timer-core/src/a-builtin-by-old-name.ts', imports('fs'), 'timer-core-node'],
    ['libs/timer-core/src/a-dynamic-import.ts', "await import('node:timers/promises');\n", 'timer-core-node'],
    ['libs/timer-core/src/rules.spec.ts', imports('#libs/room'), 'timer-core-tests-libs'],
    ['libs/timer-core/src/packages.spec.ts', imports('zod'), 'timer-core-tests-npm'],
    ['libs/protocol/src/a-library.ts', imports('#libs/timer-core'), 'protocol-libs'],
    ['libs/protocol/src/a-package.ts', imports('ioredis'), 'protocol-npm'],
    ['libs/protocol/src/a-builtin.ts', imports('node:buffer'), 'protocol-node'],
    ['libs/protocol/src/wire/a-library.ts', imports('#libs/timer-core'), 'protocol-wire-libs'],
    ['libs/protocol/src/wire/its-own-protocol.ts', imports('../schema.js'), 'protocol-wire-libs'],
    ['libs/protocol/src/wire/a-package.ts', imports('zod'), 'protocol-wire-npm'],
    ['libs/protocol/src/wire/a-builtin.ts', imports('node:buffer'), 'protocol-wire-node'],
    ['libs/room/src/a-library.ts', imports('#libs/protocol'), 'room-libs'],
    ['libs/room/src/its-adapter.ts', imports('#libs/redis-store'), 'room-libs'],
    ['libs/room/src/a-package.ts', imports('zod'), 'room-npm'],
    ['libs/room/src/a-builtin.ts', imports('node:events'), 'room-node'],
    ['libs/redis-store/src/a-library.ts', imports('#libs/protocol'), 'redis-store-libs'],
    ['libs/outcomes/src/a-library.ts', imports('#libs/redis-store'), 'outcomes-libs'],
    ['libs/edge/src/a-library.ts', imports('#libs/redis-store'), 'edge-libs'],
    ['libs/edge/src/its-twin.ts', imports('#libs/scheduling'), 'edge-libs'],
    ['libs/edge/src/redis.ts', imports('ioredis'), 'edge-npm'],
    ['libs/edge/src/redis-type.ts', importsTypes('ioredis'), 'edge-npm'],
    ['libs/edge/src/queue.ts', imports('bullmq'), 'edge-npm'],
    ['libs/scheduling/src/a-library.ts', imports('#libs/redis-store'), 'scheduling-libs'],
    ['libs/scheduling/src/redis.ts', imports('ioredis'), 'scheduling-npm'],
    ['libs/scheduling/src/queue.ts', imports('bullmq'), 'scheduling-npm'],
    ['libs/ops/src/a-library.ts', imports('#libs/timer-core'), 'ops-libs'],
    ['libs/client/src/a-library.ts', imports('#libs/timer-core'), 'client-libs'],
    [
      'libs/client/src/a-value.ts',
      "import { v } from '#libs/protocol';\nexport const w = v;\n",
      'client-types-only',
    ],
    [
      'libs/client/src/a-value-beside-a-type.ts',
      "import type { T } from '#libs/protocol';\nimport { v } from '#libs/protocol';\nexport const w: T = v;\n",
      'client-types-only',
    ],
    ['libs/client/src/a-builtin.ts', imports('node:fs'), 'client-node'],
    ['libs/client/src/a-package.ts', imports('react'), 'client-npm'],
    ['libs/client/src/hooks.spec.ts', imports('react'), 'client-tests-npm'],
    ['libs/client/src/react/a-library.ts', imports('#libs/timer-core'), 'client-react-libs'],
    ['libs/client/src/react/the-inside.ts', imports('../good.js'), 'client-react-libs'],
    ['libs/client/src/react/a-package.ts', imports('react-dom'), 'client-react-npm'],
    ['libs/client/src/react/a-builtin.ts', imports('node:fs'), 'client-react-node'],
    ['libs/client/src/react/a-library.spec.ts', imports('#libs/room'), 'client-react-tests-libs'],
    ['libs/client/src/react/a-package.spec.ts', imports('ws'), 'client-react-tests-npm'],
    ['libs/measuring/src/a-library.ts', imports('#libs/ops'), 'measuring-libs'],
    ['libs/measuring/src/a-package.ts', imports('zod'), 'measuring-npm'],
    ['libs/testing/src/a-library.ts', imports('#libs/redis-store'), 'testing-libs'],
    ['libs/testing/src/a-value.ts', "export { v } from '#libs/protocol';\n", 'testing-types-only'],
    ['libs/redis-store/src/a-helper.ts', imports('#libs/testing'), 'testing-in-tests-only'],
    ['apps/gateway/src/a-helper.ts', imports('#libs/testing'), 'testing-in-tests-only'],
    ['libs/redis-store/src/a-suite.ts', imports('../test/store.suite.js'), 'tests-not-from-sources'],
    ['libs/stray/src/index.ts', imports('#libs/room'), 'unknown-library'],
    ['libs/edge/src/an-app.ts', imports('../../../apps/gateway/src/main.js'), 'libs-not-apps'],
    ['apps/gateway/src/an-app.ts', imports('../../scheduler/src/main.js'), 'apps-not-apps'],
    ['apps/web/src/a-library.ts', imports('#libs/room'), 'pages-libs'],
    ['apps/web/src/the-whole-protocol.tsx', imports('#libs/protocol'), 'pages-libs'],
    ['apps/web/src/a-package.tsx', imports('ws'), 'pages-npm'],
    ['apps/web/src/a-builtin.ts', imports('node:fs'), 'pages-npm'],
    ['apps/gateway/src/by-path.ts', imports('../../../libs/room/src/index.js'), 'no-deep-import'],
    ['apps/gateway/src/deep.ts', imports('../../../libs/room/src/a-part.js'), 'no-deep-import'],
    ['libs/redis-store/src/deep.ts', imports('../../room/src/a-part.js'), 'no-deep-import'],
    ['libs/redis-store/src/deep.spec.ts', imports('../../room/src/a-part.js'), 'no-deep-import-from-tests'],
    ['test/e2e/deep.e2e-spec.ts', imports('../../libs/room/src/a-part.js'), 'no-deep-import-from-tests'],
    ['libs/edge/src/deep-by-name.ts', imports('#libs/protocol/wire/a-part'), 'no-unresolvable'],
    ['apps/gateway/src/nowhere.ts', imports('./nowhere-to-be-found.js'), 'no-unresolvable'],
    ['libs/ops/src/chicken.ts', imports('./egg.js'), 'no-cycle'],
    ['libs/ops/src/type-chicken.ts', importsTypes('./type-egg.js'), 'no-cycle'],
    ['libs/ops/src/a-development-package.ts', imports('ws'), 'no-development-package'],
    ['apps/gateway/src/an-unlisted-package.ts', imports('unlisted'), 'no-unlisted-package'],
  ];

  const allowed: [file: string, text: string][] = [
    ['libs/timer-core/src/neighbour.ts', imports('./index.js')],
    [
      'libs/timer-core/src/good.spec.ts',
      imports('./index.js', 'node:fs', '@jest/globals', 'fast-check', '#libs/testing'),
    ],
    ['libs/protocol/src/schema.ts', imports('zod', './wire/index.js', '#libs/protocol/wire')],
    ['libs/protocol/src/wire/neighbour.ts', imports('./index.js')],
    ['libs/protocol/src/wire/good.spec.ts', imports('../schema.js', '@jest/globals')],
    ['libs/room/src/a-part.ts', imports('#libs/timer-core', './index.js')],
    ['libs/room/test/store.suite.ts', imports('#libs/timer-core', '../src/a-part.js', '@jest/globals')],
    [
      'libs/redis-store/src/good.ts',
      imports('#libs/room', '#libs/timer-core', '#libs/ops', 'ioredis', 'node:crypto'),
    ],
    [
      'libs/redis-store/test/good.spec.ts',
      imports('../src/good.js', '../../room/test/store.suite.js', '#libs/testing', 'fast-check'),
    ],
    ['libs/redis-store/test/store.suite.ts', imports('@jest/globals')],
    ['libs/outcomes/src/good.ts', imports('#libs/room', '#libs/timer-core', '#libs/ops', 'bullmq')],
    [
      'libs/edge/src/good.ts',
      imports(
        '#libs/room',
        '#libs/timer-core',
        '#libs/protocol',
        '#libs/protocol/wire',
        '#libs/ops',
        'zod',
        'node:net',
      ),
    ],
    ['libs/edge/src/good-port.ts', importsTypes('#libs/outcomes')],
    ['libs/scheduling/src/good.ts', imports('#libs/room', '#libs/timer-core', '#libs/protocol', '#libs/ops')],
    ['libs/ops/src/good.ts', imports('pino', 'node:os')],
    [
      'libs/client/src/good.ts',
      "import { type T } from '#libs/protocol';\nimport { v } from '#libs/protocol/wire';\nimport 'socket.io-client';\nexport const w: T = v;\n",
    ],
    ['libs/client/src/react/good.ts', imports('#libs/client', 'react', './neighbour.js')],
    ['libs/client/src/react/neighbour.ts', imports('../index.js')],
    [
      'libs/client/src/react/good.spec.ts',
      imports('./good.js', '../good.js', '@testing-library/react', 'happy-dom', 'react', 'react-dom'),
    ],
    ['libs/testing/src/good.ts', `${importsTypes('#libs/protocol')}${imports('ws', 'node:child_process')}`],
    [
      'apps/gateway/src/main.ts',
      imports('#libs/edge', '#libs/redis-store', '#libs/protocol/wire', 'ioredis'),
    ],
    ['apps/scheduler/src/main.ts', imports('#libs/scheduling', './neighbour.js')],
    ['apps/scheduler/src/neighbour.ts', imports('node:fs')],
    ['apps/bench/src/main.ts', imports('ws')],
    ['apps/web/src/good.tsx', imports('#libs/client', '#libs/protocol/wire', 'react', 'react-dom')],
    ['apps/web/src/good.spec.tsx', imports('./good.js', 'happy-dom', '@jest/globals', 'node:fs')],
    ['test/e2e/good.e2e-spec.ts', imports('#libs/room', '#libs/testing', 'ws', '@jest/globals')],
  ];

  const rulesByFile = new Map<string, Set<string>>();
  const importsByFile = new Map<string, number>();

  beforeAll(() => {
    const files: Files = {
      'package.json': JSON.stringify({
        name: 'fixture',
        type: 'module',
        imports: {
          '#libs/protocol/wire': {
            source: './libs/protocol/src/wire/index.ts',
            default: './dist/libs/protocol/src/wire/index.js',
          },
          '#libs/*': { source: './libs/*/src/index.ts', default: './dist/libs/*/src/index.js' },
        },
        dependencies: { zod: '1', ioredis: '1', bullmq: '1', pino: '1', 'socket.io-client': '1' },
        devDependencies: {
          '@testing-library/react': '1',
          'fast-check': '1',
          'happy-dom': '1',
          react: '1',
          'react-dom': '1',
          ws: '1',
        },
      }),
      'libs/protocol/src/wire/index.ts': 'export const v = 1;\nexport type T = number;\n',
      'libs/protocol/src/wire/a-part.ts': 'export {};\n',
      'libs/ops/src/egg.ts': imports('./chicken.js'),
      'libs/ops/src/type-egg.ts': "import { t } from './type-chicken.js';\nexport type T = typeof t;\n",
    };
    for (const name of libraries) {
      files[`libs/${name}/src/index.ts`] = 'export const v = 1;\nexport type T = number;\n';
    }
    for (const name of packages) {
      files[`node_modules/${name}/package.json`] = JSON.stringify({
        name,
        version: '1.0.0',
        main: 'index.js',
      });
      files[`node_modules/${name}/index.js`] = 'module.exports = {};\n';
    }
    for (const [file, text] of [...refused, ...allowed]) files[file] = text;

    const root = repositoryOf(files);
    const result = run(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', [
      ...['apps', 'libs', 'test'],
      ...['--config', path.join(ROOT, '.dependency-cruiser.cjs')],
      ...['--output-type', 'json'],
    ]);
    if (!result.stdout.startsWith('{')) throw new Error(`dependency-cruiser did not run: ${result.stderr}`);
    const report = JSON.parse(result.stdout) as {
      modules: { source: string; dependencies: unknown[] }[];
      summary: { violations: { from: string; rule: { name: string } }[] };
    };
    for (const { source, dependencies } of report.modules) importsByFile.set(source, dependencies.length);
    for (const { from, rule } of report.summary.violations) {
      const rules = rulesByFile.get(from) ?? new Set<string>();
      rulesByFile.set(from, rules.add(rule.name));
    }
  }, TOOL_TIMEOUT_MS);

  it.each(refused)('refuses %s', (file, _text, rule) => {
    expect([...(rulesByFile.get(file) ?? [])]).toContain(rule);
  });

  it.each(allowed)('accepts %s', (file, text) => {
    expect(importsByFile.get(file)).toBe(text.match(/^import /gm)?.length);
    expect([...(rulesByFile.get(file) ?? [])]).toEqual([]);
  });
});

describe('the syntax rules', () => {
  const pureSources = ['libs/timer-core/src', 'libs/room/src'];
  const test = 'libs/room/src';

  const impure: Record<string, string> = {
    'date-now': 'export const now = Date.now();',
    'date-new': 'export const now = new Date();',
    'date-type': 'export let now: Date | undefined;',
    'date-shorthand': 'export const clock = { Date };',
    performance: 'export const now = performance.now();',
    'set-timeout': 'setTimeout(() => {}, 1);',
    'set-interval': 'setInterval(() => {}, 1);',
    'set-immediate': 'setImmediate(() => {});',
    hrtime: 'export const now = process.hrtime.bigint();',
    random: 'export const lot = Math.random();',
    'random-by-index': "export const lot = Math['random']();",
    'random-in-parentheses': 'export const lot = (Math).random();',
    'random-alias': 'const { random } = Math;\nexport const lot = random();',
    'random-through-alias': 'const m = Math;\nexport const lot = m.random();',
    crypto: 'export const id = crypto.randomUUID();',
    'crypto-import': "import { randomUUID } from 'node:crypto';\nexport const id = randomUUID();",
    'timers-import':
      "import { setTimeout as delay } from 'node:timers/promises';\nexport const wait = delay;",
    'global-this': 'export const now = globalThis.Date.now();',
    'global-this-alias': 'const { performance: p } = globalThis;\nexport const now = p.now();',
    'global-this-by-index': "export const now = globalThis['performance'].now();",
    'abort-timeout': 'export const signal = AbortSignal.timeout(1);',
    'date-format': 'export const now = new Intl.DateTimeFormat().format();',
  };
  const pure = `
    import type { EpochMs } from './units.js';
    export interface Clock { now(): EpochMs; performance: number }
    // Date.now() in a comment is only text.
    export const remainingMs = (endsAt: number, now: number): number => Math.max(0, endsAt - now);
    export const words = { Date: 1, random: 'Math.random()', crypto: true };
    export const read = (record: typeof words): number => record.Date;
    export const soon = async (): Promise<void> => { queueMicrotask(() => {}); };
    export class Room { process(): void { this.process(); } }
  `;

  const badTests: Record<string, [text: string, rule: string]> = {
    bare: ['expect(1);', 'expect-matcher'],
    'not-called': ['expect(1).toBe;', 'expect-matcher'],
    'only-not': ['expect(1).not;', 'expect-matcher'],
    'awaited-bare': ['await expect(Promise.resolve(1));', 'expect-matcher'],
    'resolves-only': ['await expect(Promise.resolve(1)).resolves;', 'expect-matcher'],
    'not-awaited': ['expect(Promise.reject(1)).rejects.toBe(1);', 'expect-await'],
    'it-only': ["it.only('runs alone', () => {});", 'focused-test'],
    'describe-only': ["describe.only('runs alone', () => {});", 'focused-test'],
    'only-each': ["it.only.each([1])('runs alone', () => {});", 'focused-test'],
    fit: ["fit('runs alone', () => {});", 'focused-test'],
    'it-skip': ["it.skip('never runs', () => {});", 'skipped-test'],
    'skip-each': ["it.skip.each([1])('never runs', () => {});", 'skipped-test'],
    'describe-skip': ["describe.skip('never runs', () => {});", 'skipped-test'],
    xit: ["xit('never runs', () => {});", 'skipped-test'],
    todo: ["it.todo('never runs');", 'skipped-test'],
  };
  const goodTest = `
    const maybe = process.env.CI ? it : it.skip;
    describe('a good spec', () => {
      it('expects', async () => {
        expect(1).toBe(1);
        expect(1).not.toBe(2);
        expect.assertions(3);
        await expect(Promise.resolve(Date.now())).resolves.toBeGreaterThan(0);
        expect(setTimeout).toEqual(expect.any(Function));
      });
      it('returns', () => expect(Promise.reject(1)).rejects.toBe(1));
      it.each([1])('counts %s', (n) => { expect(n).toBe(1); });
      maybe('runs when it can', () => { expect(1).toBe(1); });
    });
  `;

  let root: string;
  let status: number | null;
  let findings: string[];

  beforeAll(() => {
    const files: Files = {
      [`${test}/good.spec.ts`]: goodTest,
      // Only the pure libraries are told the time; everybody else may look.
      'libs/redis-store/src/clock.ts': Object.values(impure).join('\n'),
      'libs/timer-core/test/clock.ts': 'export const now = Date.now();',
    };
    for (const folder of pureSources) {
      files[`${folder}/pure.ts`] = pure;
      for (const [name, text] of Object.entries(impure)) files[`${folder}/${name}.ts`] = text;
    }
    for (const [name, [text]] of Object.entries(badTests)) files[`${test}/${name}.spec.ts`] = text;
    files['test/e2e/bare.e2e-spec.ts'] = 'expect(1);';
    root = repositoryOf(files);
    const result = run(root, 'scripts/lint-syntax.mjs', []);
    status = result.status;
    findings = result.stdout.split('\n').filter(Boolean);
  }, TOOL_TIMEOUT_MS);

  const rulesIn = (file: string): (string | undefined)[] =>
    findings.filter((line) => line.startsWith(`${file}:`)).map((line) => line.split(' ')[1]);

  it.each(pureSources.flatMap((folder) => Object.keys(impure).map((name) => `${folder}/${name}.ts`)))(
    'refuse the clock, timer or randomness in %s',
    (file) => {
      expect(rulesIn(file)).toContain('pure-clock');
    },
  );

  it.each(Object.entries(badTests).map(([name, [, rule]]) => [rule, name] as const))(
    'find %s in the spec "%s"',
    (rule, name) => {
      expect(rulesIn(`${test}/${name}.spec.ts`)).toEqual([rule]);
    },
  );

  it('look at tests across processes too', () => {
    expect(rulesIn('test/e2e/bare.e2e-spec.ts')).toEqual(['expect-matcher']);
  });

  it('accept pure sources, good specs, and clocks where they belong', () => {
    const good = [
      ...pureSources.map((folder) => `${folder}/pure.ts`),
      `${test}/good.spec.ts`,
      'libs/redis-store/src/clock.ts',
      'libs/timer-core/test/clock.ts',
    ];
    expect(findings.filter((line) => good.some((file) => line.startsWith(`${file}:`)))).toEqual([]);
  });

  it('name file, line, column and rule, and exit 1', () => {
    expect(findings).toContainEqual(
      expect.stringMatching(/^libs\/room\/src\/random\.ts:1:20 pure-clock Math\.random is randomness/),
    );
    expect(status).toBe(1);
  });

  it('exit 0 for a good file, and 2 for a file that is not there', () => {
    expect(run(root, 'scripts/lint-syntax.mjs', [`${test}/good.spec.ts`])).toMatchObject({
      status: 0,
      stdout: '',
    });
    expect(run(root, 'scripts/lint-syntax.mjs', ['no/such/file.ts']).status).toBe(2);
  });
});

describe('the formatter and linter', () => {
  const injected = [
    "import { Thing } from './thing.js';",
    '',
    'export class Holder {',
    '  constructor(@Inject() readonly thing: Thing) {}',
    '}',
    '',
    'declare function Inject(): ParameterDecorator;',
    '',
  ].join('\n');
  const problems = new Map<string, string[]>();

  beforeAll(() => {
    const root = repositoryOf({
      'libs/room/src/chicken.ts': "import { c } from './egg.js';\n\nexport const d = (): unknown => c;\n",
      'libs/room/src/egg.ts': "import { d } from './chicken.js';\n\nexport const c = (): unknown => d;\n",
      'libs/room/src/thing.ts': 'export class Thing {}\n',
      // A decorated parameter parses, and its class stays a value import: Nest reads it at run time.
      'libs/room/src/holder.ts': injected,
      'libs/room/src/quotes.ts': 'export const a = "double";\n',
      'libs/redis-store/src/generated/scripts.ts': 'export const a = "double"\n',
      'libs/room/dist/built.js': 'var a = "double"\n',
    });
    copyFileSync(path.join(ROOT, 'biome.json'), path.join(root, 'biome.json'));
    const result = run(root, 'node_modules/@biomejs/biome/bin/biome', ['ci', '--reporter=github', '.']);
    for (const [, category = '', name = ''] of result.stdout.matchAll(
      /^::\w+ title=([^,]+),file=([^,]+),/gm,
    )) {
      const file = path.relative(root, name);
      problems.set(file, [...(problems.get(file) ?? []), category]);
    }
  }, TOOL_TIMEOUT_MS);

  it('refuse an import cycle', () => {
    expect(problems.get('libs/room/src/chicken.ts')).toContain('lint/suspicious/noImportCycles');
  });

  it('refuse what is not formatted', () => {
    expect(problems.get('libs/room/src/quotes.ts')).toContain('format');
  });

  it('leave an injected class a value import', () => {
    expect(problems.get('libs/room/src/holder.ts')).toBeUndefined();
    expect(problems.get('libs/room/src/thing.ts')).toBeUndefined();
  });

  it('leave generated and built files alone', () => {
    expect([...problems.keys()].filter((file) => /generated|dist/.test(file))).toEqual([]);
  });
});
