import { useEffect } from 'react';

/** A mouse that nobody moves for so long is not meant to be seen. */
const IDLE_MS = 3_000;

/** Hides the mouse, and what only a person at the keyboard needs, until it moves or a key is pressed. */
export function useIdleCursor(): void {
  useEffect(() => {
    const { dataset } = document.documentElement;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wake = () => {
      delete dataset.idle;
      clearTimeout(timer);
      timer = setTimeout(() => {
        dataset.idle = 'true';
      }, IDLE_MS);
    };
    const events = ['pointermove', 'pointerdown', 'keydown'] as const;
    for (const event of events) window.addEventListener(event, wake, { passive: true });
    wake();
    return () => {
      clearTimeout(timer);
      delete dataset.idle;
      for (const event of events) window.removeEventListener(event, wake);
    };
  }, []);
}
