import { useEffect, useState } from 'react';
import type { Countdown, Room, Snapshot } from '#libs/client';

/**
 * The phase that a question is shown in. A lead-in that is over is open at its instant, though the message that says so is
 * still on its way; whoever waited for that would have less time than others. Every other change is for the server to say.
 */
export function shownPhase(phase: Snapshot['phase'], countdown: Countdown['phase']): Snapshot['phase'] {
  return phase === 'lead-in' && countdown === 'open' ? 'open' : phase;
}

/** The question in the phase that it is shown in; renders anew when that changes. */
export function useShownQuestion(
  room: Pick<Room, 'countdown' | 'onCountdown'>,
  question: Snapshot,
): Snapshot {
  const [counted, setCounted] = useState(() => room.countdown().phase);
  useEffect(() => room.onCountdown(({ phase }) => setCounted(phase), { every: 'second' }), [room]);
  const phase = shownPhase(question.phase, counted);
  return phase === question.phase ? question : { ...question, phase };
}
