import { setTimeout as sleep } from 'node:timers/promises';

export interface EventuallyOptions {
  /** How long to keep trying, in milliseconds (20,000). */
  timeoutMs?: number;
  /** Time between two tries, in milliseconds (10). */
  everyMs?: number;
  /** What was waited for; begins the error's message. */
  message?: string;
}

/** Ends a wait that is in vain; no statement about speed: a busy machine makes everything ten times slower. */
const DEFAULT_TIMEOUT_MS = 20_000;
const DEFAULT_EVERY_MS = 10;
const SHOWN_VALUE_CHARACTERS = 500;

/**
 * Waits until `check` gives a truthy value, and gives that value. A falsy value and a thrown error both mean
 * "not yet". For a check made of assertions, which gives nothing, there is `eventuallyPasses`: if `undefined` were
 * a success here, `eventually(() => list.find(...))` would never wait.
 *
 * @throws Error after `timeoutMs`, telling the last failure (which is also its `cause`).
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<Awaited<T>, undefined | null | false | 0 | ''>> {
  return retry(async () => {
    const value = await check();
    if (!value) throw new NotYet(`the check gave ${shown(value)}`);
    return value as Exclude<Awaited<T>, undefined | null | false | 0 | ''>;
  }, options);
}

/**
 * Waits until `assertion` (such as a few `expect` calls) no longer throws.
 *
 * @throws Error after `timeoutMs`, telling the last failure (which is also its `cause`).
 */
export async function eventuallyPasses(
  assertion: () => void | Promise<void>,
  options: EventuallyOptions = {},
): Promise<void> {
  await retry(async () => assertion(), options);
}

class NotYet extends Error {}

async function retry<T>(attempt: () => Promise<T>, options: EventuallyOptions): Promise<T> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, everyMs = DEFAULT_EVERY_MS, message } = options;
  const startedAt = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (failure) {
      const waitedMs = performance.now() - startedAt;
      if (waitedMs >= timeoutMs) {
        const what = message ?? 'the condition did not come about';
        const last = failure instanceof Error ? failure.message : shown(failure);
        throw new Error(`${what} (waited ${Math.round(waitedMs)} ms, ${tries} tries; last: ${last})`, {
          cause: failure,
        });
      }
      await sleep(Math.min(everyMs, timeoutMs - waitedMs));
    }
  }
}

function shown(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = String(value);
  }
  return text.slice(0, SHOWN_VALUE_CHARACTERS);
}
