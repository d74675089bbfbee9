import { useEffect, useEffectEvent } from 'react';
import type { Countdown } from '#libs/client';
import { useMessages } from '../i18n/use.messages.js';
import { playCue } from '../settings/cue.player.js';
import { useAnnounce } from './announcer.js';
import { cueOf, momentOf, momentText } from './countdown.cues.js';
import type { CountdownSource } from './countdown.ring.js';

/** Tells a room's countdown to ears and hands: announcements for screen readers, and the cues that the settings allow. */
export function useCountdownCues(room: CountdownSource | null): void {
  const messages = useMessages();
  const announce = useAnnounce();
  const tell = useEffectEvent((before: Countdown | null, now: Countdown) => {
    const moment = momentOf(before, now);
    if (moment !== null) announce(momentText(messages, moment), { isUrgent: moment.kind === 'closed' });
    const cue = cueOf(before, now);
    if (cue !== null) playCue(cue);
  });
  useEffect(() => {
    if (room === null) return;
    let before: Countdown | null = null;
    return room.onCountdown(
      (now) => {
        tell(before, now);
        before = now;
      },
      { every: 'second' },
    );
  }, [room]);
}
