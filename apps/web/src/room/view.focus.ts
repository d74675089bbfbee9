import { useEffect, useRef } from 'react';

/** Whether the focus is on something outside the view, such as the settings: then it stays there. */
function isElsewhere(): boolean {
  const active = document.activeElement;
  return active !== null && active !== document.body && active.closest('main') === null;
}

/**
 * Moves the focus to the heading of the page's content (`h1` with `tabIndex={-1}`) when another view takes its place, so that
 * keyboard and screen reader are where the news is. Not at the first view.
 *
 * @param view names the view; the same name leaves the focus where it is
 */
export function useViewFocus(view: string): void {
  const shown = useRef(view);
  useEffect(() => {
    if (shown.current === view) return;
    shown.current = view;
    if (isElsewhere()) return;
    document.querySelector<HTMLElement>('main h1[tabindex="-1"]')?.focus({ preventScroll: true });
  }, [view]);
}
