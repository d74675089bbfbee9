import { type RefObject, useLayoutEffect, useRef } from 'react';

/** Each step makes the letters a little smaller. */
const STEP = 0.92;
const SMALLEST = 0.3;

function shrink(box: HTMLElement): void {
  for (let scale = 1; ; scale *= STEP) {
    box.style.setProperty('--fit', String(scale));
    const isWithin = box.scrollHeight <= box.clientHeight && box.scrollWidth <= box.clientWidth;
    if (isWithin || scale * STEP < SMALLEST) return;
  }
}

/**
 * Makes the letters of a box (sizes are multiples of `--fit`) as large as fit into it, anew when `content` or the box's size
 * changes. Not per frame: nothing in the box moves by itself.
 */
export function useFitText<E extends HTMLElement>(content: string): RefObject<E | null> {
  const ref = useRef<E>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another content needs another size
  useLayoutEffect(() => {
    const box = ref.current;
    if (box === null) return;
    shrink(box);
    const watch = new ResizeObserver(() => shrink(box));
    watch.observe(box);
    return () => watch.disconnect();
  }, [content]);
  return ref;
}
