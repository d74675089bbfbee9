import { availableParallelism } from 'node:os';

const common = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  // '#libs/*' resolves to the TypeScript sources through the "source" condition of package.json "imports".
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, react: { runtime: 'automatic' } },
        },
      },
    ],
  },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '\\.css$': '<rootDir>/apps/web/test/no.styles.mjs',
  },
};
// One Redis for the whole run, acquired when the first of these projects has a test to run; 'unit' alone starts none.
const withRedis = {
  ...common,
  globalSetup: '<rootDir>/libs/testing/jest/redis.setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/jest/redis.teardown.mjs',
};
export default {
  // Starting processes and clusters takes seconds on a busy machine; a test that waits for ever still ends. Jest reads this
  // option here only: inside a project it is ignored.
  testTimeout: 120_000,
  // Tests with processes mostly wait: two files at a time leave two cores idle for more than half of the run, and jest's own
  // choice is one less than there are cores.
  maxWorkers: Math.max(3, availableParallelism() - 1),
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/{apps,libs}/*/src/**/*.spec.{ts,tsx}',
        '<rootDir>/test/{lint,deploy}/**/*.spec.ts',
      ],
    },
    { ...withRedis, displayName: 'redis', testMatch: ['<rootDir>/libs/*/test/**/*.spec.ts'] },
    {
      ...withRedis,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/{e2e,observability,docs,conformance}/**/*.e2e-spec.ts'],
    },
    {
      ...withRedis,
      displayName: 'browser',
      globalSetup: '<rootDir>/test/browser/support/browser.setup.mjs',
      testMatch: ['<rootDir>/test/browser/**/*.browser-spec.ts'],
    },
  ],
};
