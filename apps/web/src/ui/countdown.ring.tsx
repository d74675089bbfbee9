import { useEffect, useRef, useState } from 'react';
import type { Countdown, Room } from '#libs/client';
import { useMessages } from '../i18n/use.messages.js';
import { ARC_LENGTH, arcOffset, type RingView, ringView } from './countdown.geometry.js';
import { BellIcon, HourglassIcon, PauseIcon } from './icons.js';

/** What the ring needs of a room. */
export type CountdownSource = Pick<Room, 'onCountdown'>;

const PIPS = [1, 2, 3, 4, 5];

/** Writes to the drawing what has changed since the last frame; nothing here asks for a layout. */
class RingPainter {
  private last: RingView | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly arc: SVGElement,
    private readonly digits: HTMLElement,
    private readonly isStill: boolean,
  ) {}

  paint(view: RingView): void {
    const { last } = this;
    // Where motion is not wanted, the lead-in's ring stands still: its digits say it all.
    const fraction = this.isStill && view.phase === 'lead-in' ? 1 : view.fraction;
    if (last === null || last.fraction !== view.fraction || last.phase !== view.phase) {
      this.arc.style.strokeDashoffset = String(arcOffset(fraction));
    }
    if (last?.digits !== view.digits) {
      this.digits.textContent = view.digits;
      this.root.dataset.width = String(view.digits.length);
    }
    if (last?.phase !== view.phase) this.root.dataset.phase = view.phase;
    if (last?.urgency !== view.urgency) this.root.dataset.urgency = view.urgency;
    if (last?.pips !== view.pips) {
      if (view.pips === null) delete this.root.dataset.pips;
      else this.root.dataset.pips = String(view.pips);
    }
    this.last = view;
  }
}

/** What the words under the digits depend on; changes a few times per question, not per frame. */
interface Words {
  readonly phase: Countdown['phase'];
  readonly isEarly: boolean;
}

/**
 * The countdown: a ring that empties and its seconds. It fills `--ring-size`. Drawn per frame past React, and silent for
 * screen readers (see `useCountdownCues`), who can read it at any time.
 */
export function CountdownRing({ room }: { readonly room: CountdownSource }) {
  const root = useRef<HTMLDivElement>(null);
  const arc = useRef<SVGCircleElement>(null);
  const digits = useRef<HTMLSpanElement>(null);
  const [words, setWords] = useState<Words>({ phase: 'idle', isEarly: false });

  useEffect(() => {
    if (root.current === null || arc.current === null || digits.current === null) return;
    const isStill = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    const painter = new RingPainter(root.current, arc.current, digits.current, isStill);
    let said: Words | null = null;
    return room.onCountdown(
      (countdown) => {
        painter.paint(ringView(countdown));
        const { phase, remainingMs } = countdown;
        const isEarly = phase === 'closed' && (remainingMs ?? 0) > 0;
        // Asked of React only when it changes: a state that is set per frame, even to the same, costs renders.
        if (said?.phase === phase && said.isEarly === isEarly) return;
        said = { phase, isEarly };
        setWords(said);
      },
      { every: 'frame' },
    );
  }, [room]);

  const { countdown } = useMessages();
  return (
    <div ref={root} className="qb-ring" role="timer" aria-label={countdown.label} data-phase="idle">
      <svg viewBox="0 0 100 100" aria-hidden="true" focusable="false">
        <circle className="qb-ring-track" cx="50" cy="50" r="43" pathLength={ARC_LENGTH} />
        <circle
          ref={arc}
          className="qb-ring-arc"
          cx="50"
          cy="50"
          r="43"
          pathLength={ARC_LENGTH}
          strokeDasharray={`${ARC_LENGTH} ${2 * ARC_LENGTH}`}
          strokeDashoffset={arcOffset(0)}
        />
      </svg>
      <div className="qb-ring-face">
        <span className="qb-ring-icon">{iconOf(words.phase)}</span>
        <span ref={digits} className="qb-ring-digits" />
        <span className="qb-ring-label">{wordsOf(words, countdown)}</span>
        <span className="qb-ring-pips" aria-hidden="true">
          {PIPS.map((pip) => (
            <span key={pip} />
          ))}
        </span>
      </div>
    </div>
  );
}

function iconOf(phase: Countdown['phase']) {
  if (phase === 'paused') return <PauseIcon />;
  return phase === 'closed' ? <BellIcon /> : <HourglassIcon />;
}

function wordsOf({ phase, isEarly }: Words, texts: ReturnType<typeof useMessages>['countdown']): string {
  switch (phase) {
    case 'idle':
      return texts.idle;
    case 'lead-in':
      return texts.leadIn;
    case 'open':
      return texts.open;
    case 'paused':
      return texts.paused;
    case 'closed':
      return isEarly ? texts.closedEarly : texts.closed;
    default:
      return phase satisfies never;
  }
}
