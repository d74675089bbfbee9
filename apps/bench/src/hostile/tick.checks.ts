import { type Figures, figuresOf } from '../percentiles.js';
import type { HeardTick } from '../players/player.orders.js';

/** Ticks of a question as its members heard them. */
export interface TickReport {
  /** Ticks that were due, times members. */
  readonly expected: number;
  readonly heard: number;
  /** Due, but not heard by a member. */
  readonly missed: number;
  /** Deliveries to a member of a tick that it had, or of more ticks than were due. */
  readonly doubled: number;
  /** From the instant at which a tick was due until a member had it, ms. */
  readonly lateMs: Figures;
}

/** A tick may be sent up to half an interval late; then it is skipped. It is early by no more than clocks differ. */
const EARLY_SHARE = 0.2;
/**
 * Redis may stand still when a tick is sent, and publishes it when it goes on: it says the instant at which it was published,
 * which is so much after the one at which it was due (ms).
 */
const LATEST_MS = 2_000;

/** Which tick it is if it was sent in time, counted from the deadline backwards. */
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
    const { fromAt, untilAt, endsAt, tickMs } = part.window;
    for (const own of ticksByMember(part)) {
      const { places, doubles } = placesOf(own, part.window);
      for (const [number, heardAt] of places) {
        const dueAt = endsAt - number * tickMs;
        if (dueAt < fromAt || dueAt >= untilAt) continue;
        heard += 1;
        lateMs.push(heardAt - dueAt);
      }
      doubled += doubles.filter(({ serverNow }) => serverNow >= fromAt && serverNow < untilAt).length;
    }
    expected += expectedIn(part.window);
  }
  return { expected, heard, missed: expected - heard, doubled, lateMs: figuresOf(lateMs) };
}

interface MemberTick {
  readonly serverNow: number;
  readonly heardAt: number;
}

function ticksByMember({ ticks, window }: TickPart): Iterable<readonly MemberTick[]> {
  const byMember = new Map<number, MemberTick[]>();
  for (const [member, tickEndsAt, serverNow, heardAt] of ticks) {
    if (tickEndsAt !== window.endsAt) continue;
    const own = byMember.get(member) ?? [];
    own.push({ serverNow, heardAt });
    byMember.set(member, own);
  }
  return byMember.values();
}

/**
 * Which of the ticks that were due a member has heard, and when. A tick says when it was published, not which it is: one that
 * comes late may say an instant at which the next was due. So a second one of the same place is a late one if one of those
 * before it did not come, and else one too many. Two that say the same instant are the same tick.
 */
function placesOf(
  ticks: readonly MemberTick[],
  { endsAt, tickMs }: TickWindow,
): { readonly places: ReadonlyMap<number, number>; readonly doubles: readonly MemberTick[] } {
  const places = new Map<number, number>();
  const instants = new Set<number>();
  const late: MemberTick[] = [];
  const doubles: MemberTick[] = [];
  for (const tick of ticks) {
    const number = numberOf(endsAt, tick.serverNow, tickMs);
    if (instants.has(tick.serverNow)) doubles.push(tick);
    else if (places.has(number)) late.push(tick);
    else places.set(number, tick.heardAt);
    instants.add(tick.serverNow);
  }
  for (const tick of late) {
    let number = numberOf(endsAt, tick.serverNow, tickMs);
    const last = number + LATEST_MS / tickMs;
    while (places.has(number) && number < last) number += 1;
    if (places.has(number)) doubles.push(tick);
    else places.set(number, tick.heardAt);
  }
  return { places, doubles };
}

function expectedIn({ fromAt, untilAt, endsAt, tickMs, members }: TickWindow): number {
  const ticks = Math.floor((endsAt - fromAt) / tickMs) - Math.floor((endsAt - untilAt) / tickMs);
  return ticks * members;
}
