import { useEffect, useRef, useState } from 'react';
import type { Room } from '#libs/client';
import { ringView } from '../ui/countdown.geometry.js';

/** Whether `element` was scrolled out of the window. */
function useIsOut(element: HTMLElement | null): boolean {
  const [isOut, setOut] = useState(false);
  useEffect(() => {
    if (element === null) return;
    const watch = new IntersectionObserver(([entry]) => setOut(entry?.isIntersecting === false));
    watch.observe(element);
    return () => watch.disconnect();
  }, [element]);
  return isOut;
}

/** The seconds again, for as long as `ring` is out of view; only for eyes, since the ring can still be read. */
export function TimeChip({ room, ring }: { readonly room: Room; readonly ring: HTMLElement | null }) {
  const isOut = useIsOut(ring);
  return isOut ? <Chip room={room} /> : null;
}

function Chip({ room }: { readonly room: Room }) {
  const chip = useRef<HTMLDivElement>(null);
  useEffect(
    () =>
      room.onCountdown((countdown) => {
        if (chip.current === null) return;
        const { digits, urgency } = ringView(countdown);
        chip.current.hidden = digits === '' || countdown.phase === 'closed';
        chip.current.textContent = digits;
        chip.current.dataset.urgency = urgency;
      }),
    [room],
  );
  return <div ref={chip} className="play-chip qb-digits" aria-hidden="true" />;
}
