import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Does what is due, then sleeps until the next is: each item at its own instant, whatever became of the others.
 *
 * @param now on the clock that `at` is of, ms
 */
export async function atInstants<T extends { readonly at: number }>(
  items: readonly T[],
  now: () => number,
  act: (item: T) => void,
): Promise<void> {
  const inOrder = items.toSorted((a, b) => a.at - b.at);
  for (const item of inOrder) {
    const waitMs = item.at - now();
    // A timer's own fraction is cut off, and nobody may be early.
    if (waitMs > 0) await sleep(Math.ceil(waitMs));
    act(item);
  }
}

/** Resolves when it is so, or after `giveUpMs`. */
export async function untilOrLate(isSo: () => boolean, giveUpMs: number): Promise<void> {
  const lateMs = performance.now() + giveUpMs;
  while (!isSo() && performance.now() < lateMs) await sleep(LOOK_MS);
}

const LOOK_MS = 20;
