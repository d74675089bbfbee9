import { createContext, type ReactNode, useCallback, useContext, useRef } from 'react';

/** Has a screen reader say something. `isUrgent` interrupts what it is saying. */
export type Announce = (text: string, options?: { readonly isUrgent?: boolean }) => void;

const AnnounceContext = createContext<Announce>(() => undefined);

export function useAnnounce(): Announce {
  return useContext(AnnounceContext);
}

/** Long enough for a screen reader to notice that the text is new, also when the same is said twice. */
const SETTLE_MS = 60;
/** Said by then. What stays would be found by whoever reads through the page, long after it was news. */
const SAID_MS = 5_000;

/** The two live regions of a page. They are written to directly: nothing has to be drawn again for them. */
export function Announcer({ children }: { readonly children: ReactNode }) {
  const polite = useRef<HTMLDivElement>(null);
  const urgent = useRef<HTMLDivElement>(null);
  const timers = useRef(new Map<HTMLElement, ReturnType<typeof setTimeout>>());
  const announce = useCallback<Announce>((text, { isUrgent = false } = {}) => {
    const region = (isUrgent ? urgent : polite).current;
    if (region === null) return;
    clearTimeout(timers.current.get(region));
    region.textContent = '';
    const say = () => {
      region.textContent = text;
      timers.current.set(region, setTimeout(forget, SAID_MS));
    };
    const forget = () => {
      region.textContent = '';
    };
    timers.current.set(region, setTimeout(say, SETTLE_MS));
  }, []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div ref={polite} className="qb-unseen" role="status" aria-live="polite" />
      <div ref={urgent} className="qb-unseen" role="alert" aria-live="assertive" />
    </AnnounceContext>
  );
}
