import type { Told } from './differential.world.js';

/** Versions only grow, ticks carry the last one, and each run closes once. */
export function checkOrder(told: readonly Told[]): void {
  let last = 0;
  const closed = new Set<number>();
  for (const [, event, payload] of told) {
    const { version, runId, serverNow } = payload as { version: number; runId: number; serverNow: number };
    const isInOrder = event === 'question:tick' ? version === last : version > last;
    if (!isInOrder) throw new Error(`${event} of version ${version} came after ${last}`);
    if (event === 'question:closed' && closed.has(runId)) throw new Error(`run ${runId} closed twice`);
    if (event === 'question:closed') closed.add(runId);
    if (event === 'question:closed') checkNotEarly(payload as { endsAt: number; reason: string }, serverNow);
    last = version;
  }
}

function checkNotEarly({ endsAt, reason }: { endsAt: number; reason: string }, serverNow: number): void {
  if (reason === 'expired' && serverNow < endsAt) throw new Error(`closed ${endsAt - serverNow} ms early`);
}
