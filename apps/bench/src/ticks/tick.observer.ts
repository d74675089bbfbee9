import type { ReceivedFrame } from '../closing.observer.js';

/** A room that is open all the time. Instants on Redis' clock, ms. */
export interface TickingRoom {
  readonly roomId: string;
  readonly endsAt: number;
}

/** Ticks whose instant lies in it count: from `fromAt` on, before `untilAt`. Whole intervals long. */
export interface TickWindow {
  readonly fromAt: number;
  readonly untilAt: number;
  readonly tickMs: number;
}

/** What was heard of the ticks. */
export interface TickReport {
  /** Lateness of each until a subscriber had it (ms). */
  readonly jitterMs: readonly number[];
  /** Not heard. */
  readonly skipped: number;
  /** Heard more than once. */
  readonly doubled: number;
  /** Sent before their instant by Redis' clock: by a millisecond or so, by which the sender's idea of that clock may differ. */
  readonly early: number;
  /** Of another deadline than was set. */
  readonly wrong: number;
}

export interface Tick {
  readonly roomId: string;
  readonly endsAt: number;
  readonly serverNow: number;
}

/** The event whose frames are looked at. */
export const TICK_EVENT = 'question:tick';

/** What is earlier belongs to the tick before, and is very late; both cannot be told apart. */
const EARLIEST_MS = 100;

interface AdapterMessage {
  readonly data?: { readonly packet?: { readonly data?: readonly [string, Tick] } };
}

/** The tick that a frame tells of, or null for every other event. */
export function tickIn(frame: string): Tick | null {
  const [event, payload] = (JSON.parse(frame) as AdapterMessage).data?.packet?.data ?? [];
  return event === TICK_EVENT && payload !== undefined ? payload : null;
}

/** Judges each tick against the instant at which it was to be sent: `endsAt - k * tickMs`. */
export function judgeTicks(
  rooms: readonly TickingRoom[],
  frames: readonly ReceivedFrame[],
  { fromAt, untilAt, tickMs }: TickWindow,
): TickReport {
  const ends = new Map(rooms.map(({ roomId, endsAt }) => [roomId, endsAt]));
  const heard = new Set<string>();
  const jitterMs: number[] = [];
  let [doubled, early, wrong] = [0, 0, 0];
  for (const { frame, receivedAt } of frames) {
    const tick = tickIn(frame);
    const endsAt = ends.get(tick?.roomId ?? '');
    if (tick === null || endsAt === undefined) continue;
    if (tick.endsAt !== endsAt) {
      wrong += 1;
      continue;
    }
    const k = Math.ceil((endsAt - tick.serverNow - EARLIEST_MS) / tickMs);
    const tickAt = endsAt - k * tickMs;
    if (tickAt < fromAt || tickAt >= untilAt) continue;
    if (tick.serverNow < tickAt) early += 1;
    const name = `${tick.roomId}/${k}`;
    if (heard.has(name)) doubled += 1;
    else jitterMs.push(receivedAt - tickAt);
    heard.add(name);
  }
  const expected = (rooms.length * (untilAt - fromAt)) / tickMs;
  return { jitterMs, skipped: expected - heard.size, doubled, early, wrong };
}
