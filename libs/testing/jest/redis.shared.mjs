// One Redis for a whole jest run. Jest calls the setup once however many projects name it, in its main process and
// without its own module loader: so Node itself loads the harness, types stripped (Node 22.18 and newer do that), with
// the one rule added that TypeScript has and Node has not, that './x.js' in a source file may mean './x.ts'. The price:
// what the harness imports may use no syntax that needs more than stripping (enums, parameter properties).
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';

/** @type {import('../src/redis.harness.ts').AcquiredRedis | undefined} */
let acquired;

/** Acquires a Redis and tells tests its address by QUIZBELL_TEST_REDIS_URL; does nothing if that is already set. */
export async function acquireOnce() {
  if (process.env.QUIZBELL_TEST_REDIS_URL) return;
  const { acquireRedis } = await loadSource(new URL('../src/redis.harness.ts', import.meta.url));
  acquired = await acquireRedis();
  process.env.QUIZBELL_TEST_REDIS_URL = acquired.url;
  process.stderr.write(`Tests run on Redis ${acquired.version} from ${acquired.origin}.\n`);
}

/** Stops what `acquireOnce` started; in watch mode the next run acquires anew. */
export async function releaseOnce() {
  if (!acquired) return;
  const { stop } = acquired;
  acquired = undefined;
  delete process.env.QUIZBELL_TEST_REDIS_URL;
  await stop();
}

/** Loads a TypeScript module of this library, and what it imports, outside of jest. */
export async function loadSource(url) {
  if (!process.features.typescript || !nodeModule.registerHooks) {
    throw new Error(
      `Tests with Redis need Node 22.18 or newer, this is ${process.version}: use npm test, which brings one.`,
    );
  }
  const hooks = nodeModule.registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts')) {
        const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
        if (existsSync(source)) return nextResolve(source.href, context);
      }
      return nextResolve(specifier, context);
    },
  });
  try {
    return await import(url.href);
  } finally {
    hooks.deregister();
  }
}
