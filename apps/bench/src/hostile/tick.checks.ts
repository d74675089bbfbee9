import { type Figures, figuresOf } from '../percentiles.js';
import type { HeardTick } from '../players/player.orders.js';

/** Ticks of a question as its members heard them. */
export interface TickReport {
  /** Ticks that were due, times members. */
  readonly expected: number;
  readonly heard: number;
  /** Due, but not heard by a member. */
  readonly missed: number;
  /** Heard more than once by a member. */
  readonly doubled: number;
  /** From the instant at which a tick was due until a member had it, ms. */
  readonly lateMs: Figures;
}

/** A tick may be sent up to half an interval late; then it is skipped. It is early by no more than clocks differ. */
const EARLY_SHARE = 0.2;

/** Which tick it is, counted from the deadline backwards. */
const numberOf = (endsAt: number, serverNow: number, tickMs: number): number =>
  Math.round((endsAt - serverNow) / tickMs + (0.5 - EARLY_SHARE));

export interface TickWindow {
  readonly fromAt: number;
  readonly untilAt: number;
  readonly endsAt: number;
  readonly tickMs: number;
  readonly members: number;
}

/** What was heard in a window. */
export interface TickPart {
  readonly window: TickWindow;
  readonly ticks: readonly HeardTick[];
}

/** All parts together: windows that do not overlap. */
export function checkTicks(parts: readonly TickPart[]): TickReport {
  let expected = 0;
  let heard = 0;
  let doubled = 0;
  const lateMs: number[] = [];
  for (const part of parts) {
    const times = new Map<string, number>();
    for (const [key, lateness] of dueTicks(part)) {
      const count = (times.get(key) ?? 0) + 1;
      times.set(key, count);
      if (count === 1) lateMs.push(lateness);
      if (count === 2) doubled += 1;
    }
    expected += expectedIn(part.window);
    heard += times.size;
  }
  return { expected, heard, missed: expected - heard, doubled, lateMs: figuresOf(lateMs) };
}

/** Of each tick that was due in the window: who heard which, and how late. */
function* dueTicks({ ticks, window }: TickPart): Iterable<readonly [key: string, lateMs: number]> {
  const { fromAt, untilAt, endsAt, tickMs } = window;
  for (const [member, tickEndsAt, serverNow, heardAt] of ticks) {
    const number = numberOf(endsAt, serverNow, tickMs);
    const dueAt = endsAt - number * tickMs;
    if (tickEndsAt === endsAt && dueAt >= fromAt && dueAt < untilAt)
      yield [`${member}/${number}`, heardAt - dueAt];
  }
}

function expectedIn({ fromAt, untilAt, endsAt, tickMs, members }: TickWindow): number {
  const ticks = Math.floor((endsAt - fromAt) / tickMs) - Math.floor((endsAt - untilAt) / tickMs);
  return ticks * members;
}
