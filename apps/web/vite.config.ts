import path from 'node:path';
import { defaultClientConditions, defineConfig } from 'vite';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
/** Of the Quizbell that `npm run dev:web` shows the pages of. */
const DEVELOPMENT_TARGET = process.env.QUIZBELL_URL ?? 'http://localhost:3000';

// JSX needs no plugin. Only files of the same origin are loaded at run time: the policy of the gateway allows no other.
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  // '#libs/*' is the TypeScript sources, as everywhere.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    outDir: path.join(ROOT, 'dist', 'web'),
    emptyOutDir: true,
    target: ['chrome111', 'edge111', 'firefox114', 'safari16.4'],
    // As files, each with its hash in its name: the policy allows no `data:` but for pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/v1': DEVELOPMENT_TARGET,
      '/health': DEVELOPMENT_TARGET,
      '/socket.io': { target: DEVELOPMENT_TARGET, ws: true },
    },
  },
});
