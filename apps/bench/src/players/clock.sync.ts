import { clockSyncAckSchema } from '#libs/protocol';
import { CannotRun } from '../suite.types.js';
import { type ClockOffset, type ClockSample, offsetOf } from './clock.bounds.js';
import type { RawPlayer } from './raw.player.js';

const SAMPLES = 30;

/** Asks the server for its time, as clients do it. */
export async function syncClock(player: RawPlayer): Promise<ClockOffset> {
  const samples: ClockSample[] = [];
  while (samples.length < SAMPLES) {
    const sentMs = performance.now();
    const { ack, atMs } = await player.call('clock:sync', { sentAt: Math.floor(sentMs) });
    const answer = clockSyncAckSchema.parse(ack);
    if (!answer.ok) throw new CannotRun(`A clock:sync was refused: ${answer.error.message}`);
    samples.push({ sentMs, answeredMs: atMs, serverNow: answer.serverNow });
  }
  return offsetOf(samples);
}
