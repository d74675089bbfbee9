// Who may import whom: the table of docs/architecture.md as lint rules, all made from LAYERS below.
// Run it with `npm run layers`; test/lint/lint.spec.ts feeds each row a violation.

/**
 * One row per library.
 *  - libs:  other libraries it may import, by `#libs/<name>` (`protocol/wire` is the dependency-free part).
 *  - types: libraries of which it may import types only.
 *  - npm:   false: no package; a list: these packages only; { except }: any package but these.
 *  - testNpm: packages that its specs and test folder may import besides.
 *  - node:  whether it may import Node's own modules.
 * Specs and `test/` folders may import more: see TEST_EXTRAS.
 */
const LAYERS = {
  'timer-core': { libs: [], npm: false, node: false },
  protocol: { libs: ['protocol/wire'], npm: ['zod'], node: false },
  'protocol/wire': { libs: [], npm: false, node: false },
  room: { libs: ['timer-core'], npm: false, node: false },
  'redis-store': { libs: ['room', 'timer-core', 'ops'], npm: true, node: true },
  outcomes: { libs: ['room', 'timer-core', 'ops'], npm: true, node: true },
  edge: {
    libs: ['room', 'timer-core', 'protocol', 'protocol/wire', 'ops', 'outcomes'],
    npm: { except: ['ioredis', 'bullmq'] },
    node: true,
  },
  scheduling: {
    libs: ['room', 'timer-core', 'protocol', 'protocol/wire', 'ops', 'outcomes'],
    npm: { except: ['ioredis', 'bullmq'] },
    node: true,
  },
  ops: { libs: [], npm: true, node: true },
  client: { libs: ['protocol/wire'], types: ['protocol'], npm: ['socket.io-client'], node: false },
  'client/react': {
    libs: ['client', 'protocol/wire'],
    npm: ['react'],
    testNpm: ['@testing-library/react', 'happy-dom', 'react-dom'],
    node: false,
  },
  measuring: { libs: [], npm: ['ioredis'], node: true },
  testing: { libs: [], types: ['protocol', 'protocol/wire'], npm: true, node: true },
};

/** What specs and test folders may import besides what their library may. */
const TEST_EXTRAS = { libs: ['testing'], npm: ['@jest/globals', 'fast-check'] };

/** Run from a checkout with all packages, so they may use development packages; what is deployed may not. */
const DEVELOPMENT_APPS = ['cli', 'bench'];

/** The pages are bundled: at run time no package of theirs is there. They know the service by its client only. */
const PAGES = {
  folder: '^apps/web/src/',
  libs: ['client', 'client/react', 'protocol/wire'],
  npm: ['react', 'react-dom', 'qrcode.react'],
};

const TEST_FILE = '(\\.spec|\\.spec-helper|\\.e2e-spec|\\.browser-spec)\\.tsx?$|(^|/)test/';
const NPM = [
  'npm',
  'npm-dev',
  'npm-optional',
  'npm-peer',
  'npm-bundled',
  'npm-no-pkg',
  'npm-unknown',
  'localmodule',
];

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const oneOf = (names) => `(${names.map(escaped).join('|')})`;

/** The files of a library, by its name in the table: `protocol/wire` is the folder `libs/protocol/src/wire`. */
function folderOf(name) {
  const [library, part] = name.split('/');
  return part ? `^libs/${escaped(library)}/src/${escaped(part)}/` : `^libs/${escaped(library)}/`;
}

/** The one file by which others may import a library. */
function entryOf(name) {
  const [library, part] = name.split('/');
  return `^libs/${escaped(library)}/src/${part ? `${escaped(part)}/` : ''}index\\.ts$`;
}

function packagesOf(names) {
  return `(^|/)node_modules/(@types/)?${oneOf(names)}(/|$)`;
}

function rulesOf(name, row) {
  const label = name.replace('/', '-');
  const folder = folderOf(name);
  // Part of a library is a row of its own, so the library's own row leaves it out.
  const parts = Object.keys(LAYERS).filter((other) => other.startsWith(`${name}/`));
  const source = { path: folder, pathNot: [TEST_FILE, ...parts.map(folderOf)] };
  const tests = {
    path: [`${folder}.*(\\.spec|\\.e2e-spec)\\.tsx?$`, `${folder}(test|.*/test)/`],
    pathNot: parts.map(folderOf),
  };
  const types = row.types ?? [];
  const own = [folder, ...[...row.libs, ...types].map(entryOf)];
  const rules = [];
  const refuse = (suffix, comment, from, to) =>
    rules.push({ name: `${label}-${suffix}`, severity: 'error', comment, from, to });

  const may = row.libs.length > 0 ? row.libs.join(', ') : 'no library';
  refuse('libs', `${name} may import ${may}.`, source, {
    dependencyTypesNot: [...NPM, 'core', 'unknown', 'undetermined'],
    pathNot: own,
  });
  // A behaviour suite lives in the test folder of the library that owns the port; adapters' tests import it.
  const suites = row.libs.map((library) => `${folderOf(library)}(test|.*/test)/`);
  const testLibs = [...own, ...TEST_EXTRAS.libs.map(entryOf), ...suites];
  // The tests of a part may use the library around it.
  if (name.includes('/')) testLibs.push(folderOf(name.split('/')[0]));
  refuse(
    'tests-libs',
    `Tests of ${name} may import what it may, and ${TEST_EXTRAS.libs.join(', ')}.`,
    tests,
    {
      dependencyTypesNot: [...NPM, 'core', 'unknown', 'undetermined'],
      pathNot: testLibs,
    },
  );
  if (types.length > 0) {
    refuse('types-only', `${name} may import only types of ${types.join(', ')}.`, source, {
      path: types.map(entryOf),
      dependencyTypesNot: ['type-only'],
    });
  }
  if (!row.node) {
    refuse('node', `${name} may not import Node's own modules.`, source, { dependencyTypes: ['core'] });
  }
  if (row.npm === false || Array.isArray(row.npm)) {
    const allowed = row.npm || [];
    refuse('npm', `${name} may import ${allowed.join(', ') || 'no package'}.`, source, {
      dependencyTypes: NPM,
      ...(allowed.length > 0 ? { pathNot: packagesOf(allowed) } : {}),
    });
    const extras = [...TEST_EXTRAS.npm, ...(row.testNpm ?? [])];
    refuse('tests-npm', `Tests of ${name} may also import ${extras.join(', ')}.`, tests, {
      dependencyTypes: NPM,
      pathNot: packagesOf([...allowed, ...extras]),
    });
  } else if (row.npm.except) {
    refuse(
      'npm',
      `${name} may not import ${row.npm.except.join(', ')}.`,
      { path: folder },
      {
        path: packagesOf(row.npm.except),
      },
    );
  }
  return rules;
}

const general = [
  { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
  { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  {
    name: 'unknown-library',
    severity: 'error',
    comment: 'Each library has a row in the table: add one.',
    from: {
      path: '^libs/',
      pathNot: `^libs/${oneOf(Object.keys(LAYERS).filter((name) => !name.includes('/')))}/`,
    },
    to: {},
  },
  {
    name: 'no-deep-import',
    severity: 'error',
    comment:
      'A library is imported by #libs/<name> (or #libs/protocol/wire), never by a path into its folder.',
    from: { path: '^(?:libs|apps)/([^/]+)/', pathNot: TEST_FILE },
    to: {
      path: '^libs/',
      pathNot: '^libs/$1/',
      dependencyTypesNot: ['aliased-subpath-import', 'unknown', 'undetermined'],
    },
  },
  {
    name: 'no-deep-import-from-tests',
    severity: 'error',
    comment: 'Tests import libraries by name too; only behaviour suites (test folders) are shared by path.',
    from: { path: '^(?:(?:libs|apps)/([^/]+)|test)/' },
    to: {
      path: '^libs/',
      // Jest loads its setups itself, and knows no names of libraries then.
      pathNot: ['^libs/$1/', '^libs/[^/]+/test/', '^libs/testing/jest/'],
      dependencyTypesNot: ['aliased-subpath-import', 'unknown', 'undetermined'],
    },
  },
  {
    name: 'libs-not-apps',
    severity: 'error',
    comment: 'Apps are composition roots: nothing imports them.',
    from: { path: '^libs/' },
    to: { path: '^(apps|test)/' },
  },
  {
    name: 'apps-not-apps',
    severity: 'error',
    from: { path: '^apps/([^/]+)/' },
    to: { path: '^(apps|test)/', pathNot: '^apps/$1/' },
  },
  {
    name: 'testing-in-tests-only',
    severity: 'error',
    from: { path: '^(libs|apps)/', pathNot: [TEST_FILE, '^libs/testing/'] },
    to: { path: '^libs/testing/' },
  },
  {
    name: 'tests-not-from-sources',
    severity: 'error',
    comment: 'What is deployed does not import specs or test folders.',
    from: { path: '^(libs|apps)/', pathNot: TEST_FILE },
    to: { path: TEST_FILE, dependencyTypesNot: [...NPM, 'core'] },
  },
  {
    name: 'pages-libs',
    severity: 'error',
    comment: `Pages may import ${PAGES.libs.join(', ')}.`,
    from: { path: PAGES.folder, pathNot: TEST_FILE },
    to: {
      dependencyTypesNot: [...NPM, 'core', 'unknown', 'undetermined'],
      pathNot: ['^apps/web/', ...PAGES.libs.map(entryOf)],
    },
  },
  {
    name: 'pages-npm',
    severity: 'error',
    comment: `Pages may import ${PAGES.npm.join(', ')}: browsers have no module of Node, and each package costs loading.`,
    from: { path: PAGES.folder, pathNot: TEST_FILE },
    to: { dependencyTypes: [...NPM, 'core'], pathNot: packagesOf(PAGES.npm) },
  },
  {
    name: 'no-development-package',
    severity: 'error',
    comment: 'Not installed where Quizbell is deployed: move it to "dependencies".',
    from: {
      path: '^(libs|apps)/',
      pathNot: [
        TEST_FILE,
        '^libs/testing/',
        `^apps/${oneOf(DEVELOPMENT_APPS)}/`,
        '^apps/web/',
        // No deployed process loads it: those who install the client bring their React.
        folderOf('client/react'),
      ],
    },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'no-unlisted-package',
    severity: 'error',
    comment: 'Not in package.json: it is there only because another package needs it today.',
    from: {},
    to: {
      dependencyTypes: ['npm-no-pkg', 'npm-unknown'],
      dependencyTypesNot: ['type-only'],
      // Part of jest, which is listed.
      pathNot: packagesOf(['@jest/globals']),
    },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [...general, ...Object.entries(LAYERS).flatMap(([name, row]) => rulesOf(name, row))],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|reports)/' },
    tsPreCompilationDeps: true,
    // '#libs/*' resolves to the TypeScript sources, as in tsconfig.base.json and jest.config.mjs.
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default'],
    },
  },
};
