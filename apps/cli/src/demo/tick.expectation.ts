/** What a state event says of the room's clock. All instants are the server's. */
export interface StateMark {
  readonly version: number;
  readonly phase: string;
  readonly opensAt: number | null;
  readonly endsAt: number | null;
  readonly tickMs: number | null;
  readonly serverNow: number;
}

/** From `fromAt` to `toAt`. */
export interface Span {
  readonly fromAt: number;
  readonly toAt: number;
}

/**
 * The instants at which ticks were planned, in order: while a question was open, the points `endsAt - k * tickMs` with
 * `k >= 1`. A pause ends one plan and a resume or an extension begins another, from the instant of that event on.
 *
 * @param marks all state events of the room, in any order
 */
export function plannedTicks(marks: readonly StateMark[]): number[] {
  const inOrder = [...marks].sort((a, b) => a.version - b.version);
  return inOrder.flatMap((mark, index) => {
    const { phase, opensAt, endsAt, tickMs, serverNow } = mark;
    if (phase !== 'open' || opensAt === null || endsAt === null || !tickMs) return [];
    const fromAt = Math.max(opensAt, serverNow);
    const toAt = Math.min(endsAt, inOrder[index + 1]?.serverNow ?? endsAt);
    return gridPoints(endsAt, tickMs, { fromAt, toAt });
  });
}

/** The points `endsAt - k * tickMs`, `k >= 1`, after `fromAt` and before `toAt`, in order. */
function gridPoints(endsAt: number, tickMs: number, { fromAt, toAt }: Span): number[] {
  const points: number[] = [];
  const first = Math.ceil((endsAt - fromAt) / tickMs) - 1; // the first tick falls after the opening, never on it
  for (let k = first; k >= 1; k -= 1) {
    const at = endsAt - k * tickMs;
    if (at < toAt) points.push(at);
  }
  return points;
}

/** How many of the planned ticks fell into a time in which a player was in the room. */
export function ticksWithin(planned: readonly number[], joined: readonly Span[]): number {
  return planned.filter((at) => joined.some(({ fromAt, toAt }) => at >= fromAt && at < toAt)).length;
}

/**
 * Which tick of its plan this is (the `k` of `endsAt - k * tickMs`). Rounded to the nearest, because a tick is sent up to
 * half an interval late, after that not at all.
 */
export function tickNumber(remainingMs: number, tickMs: number): number {
  return Math.round(remainingMs / tickMs);
}
