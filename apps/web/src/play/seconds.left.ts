import { useEffect, useState } from 'react';

const MS_PER_SECOND = 1_000;

/**
 * Whole seconds until `afterMs` (milliseconds, from the first render on) are over; then 0.
 *
 * @param since another value begins anew
 */
export function useSecondsLeft(afterMs: number, since: unknown = null): number {
  const [endsAt, setEndsAt] = useState(() => performance.now() + afterMs);
  const [now, setNow] = useState(() => performance.now());
  const [of, setOf] = useState(since);
  if (of !== since) {
    setOf(since);
    setNow(performance.now());
    setEndsAt(performance.now() + afterMs);
  }
  const leftMs = Math.max(0, endsAt - now);
  const seconds = Math.ceil(leftMs / MS_PER_SECOND);
  useEffect(() => {
    if (leftMs <= 0) return;
    const timer = setTimeout(() => setNow(performance.now()), leftMs - (seconds - 1) * MS_PER_SECOND);
    return () => clearTimeout(timer);
  }, [leftMs, seconds]);
  return seconds;
}
