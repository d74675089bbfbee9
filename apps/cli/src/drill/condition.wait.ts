import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/**
 * Looks until the condition holds; `false` if it does not within `limitMs`. A condition that throws does not hold yet:
 * most of them ask a Redis that a fault may have taken away.
 *
 * @throws AbortError when `signal` is aborted
 */
export async function holdsWithin(
  limitMs: number,
  condition: () => boolean | Promise<boolean>,
  signal: AbortSignal,
): Promise<boolean> {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    const holds = await Promise.resolve()
      .then(condition)
      .catch(() => false);
    if (holds) return true;
    if (performance.now() >= giveUpAt) return false;
    await sleep(POLL_MS, undefined, { signal });
  }
}
