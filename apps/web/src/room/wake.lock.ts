import { useEffect } from 'react';

/** Keeps the screen lit until `stop`: a browser lets go whenever the page is hidden, so it is asked again when it is shown. */
function holdScreenLit(): () => void {
  let lock: WakeLockSentinel | null = null;
  let isOver = false;
  const ask = async () => {
    if (isOver || document.visibilityState !== 'visible' || (lock !== null && !lock.released)) return;
    try {
      const given = await navigator.wakeLock.request('screen');
      if (isOver) await given.release();
      else lock = given;
    } catch {
      // The battery is low, or the browser does not want to: the screen goes dark as it always does.
    }
  };
  const onShown = () => void ask();
  document.addEventListener('visibilitychange', onShown);
  void ask();
  return () => {
    isOver = true;
    document.removeEventListener('visibilitychange', onShown);
    void lock?.release().catch(() => undefined);
  };
}

/** Keeps the device's screen lit while `isWanted`, where the browser can. */
export function useWakeLock(isWanted: boolean): void {
  useEffect(() => (isWanted && 'wakeLock' in navigator ? holdScreenLit() : undefined), [isWanted]);
}
