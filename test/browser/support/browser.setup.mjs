import { acquireOnce } from '../../../libs/testing/jest/redis.shared.mjs';
import { findChromium } from './chromium.finder.mjs';

/**
 * Once for the project: a Redis, and where Chromium is. Without one the tests are skipped; in CI they fail.
 * A default export because jest asks for one.
 */
export default async function setUp() {
  if (!process.env.QUIZBELL_TEST_CHROMIUM) {
    const found = findChromium();
    if ('problem' in found) {
      process.env.QUIZBELL_TEST_CHROMIUM_PROBLEM = found.problem;
      process.stderr.write(`There are no browser tests: ${found.problem}. (QUIZBELL_CHROMIUM names one.)\n`);
      return;
    }
    process.env.QUIZBELL_TEST_CHROMIUM = found.path;
    process.stderr.write(`Browser tests run on ${found.path}.\n`);
  }
  await acquireOnce();
}
