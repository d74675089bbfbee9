import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { Countdown, CountdownOptions, Room } from '#libs/client';
import { useLatest } from './latest.hook.js';

const IDLE: Countdown = {
  phase: 'idle',
  remainingMs: null,
  seconds: null,
  durationMs: null,
  opensInMs: null,
};

const wholeSeconds = (ms: number | null): number | null => (ms === null ? null : Math.ceil(ms / 1_000));

function isSameInSeconds(a: Countdown, b: Countdown): boolean {
  return (
    a.phase === b.phase &&
    a.seconds === b.seconds &&
    a.durationMs === b.durationMs &&
    wholeSeconds(a.opensInMs) === wholeSeconds(b.opensInMs)
  );
}

function isSame(a: Countdown, b: Countdown): boolean {
  return isSameInSeconds(a, b) && a.remainingMs === b.remainingMs && a.opensInMs === b.opensInMs;
}

/** The countdown as React reads it: one value until something changed that can be seen. */
function countdownStore(room: Room | null, every: 'frame' | 'second') {
  let current = room?.countdown() ?? IDLE;
  const isUnchanged = every === 'second' ? isSameInSeconds : isSame;
  return {
    value: (): Countdown => current,
    subscribe: (changed: () => void): (() => void) => {
      const listen = (next: Countdown): void => {
        if (isUnchanged(current, next)) return;
        current = next;
        changed();
      };
      return room?.onCountdown(listen, { every }) ?? (() => {});
    },
  };
}

/**
 * The countdown of a room, idle without one. Renders anew once per shown second; with `every: 'frame'` at each frame in which
 * it moves, which is for small components only: `useCountdownFrame` draws as often without rendering.
 */
export function useCountdown(room: Room | null, { every = 'second' }: CountdownOptions = {}): Countdown {
  const store = useMemo(() => countdownStore(room, every), [room, every]);
  return useSyncExternalStore(store.subscribe, store.value, () => IDLE);
}

/**
 * Calls `draw` before each frame, always the one of the last render, and renders nothing: it writes to what it holds a ref of,
 * such as the offset of a ring.
 */
export function useCountdownFrame(room: Room | null, draw: (countdown: Countdown) => void): void {
  const latest = useLatest(draw);
  useEffect(
    () => room?.onCountdown((countdown) => latest.current(countdown), { every: 'frame' }),
    [room, latest],
  );
}
