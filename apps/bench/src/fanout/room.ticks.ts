/** What the members of one room have heard of their ticks in a time. */
export interface HeardTicks {
  readonly ticks: number;
  /** One for each tick and member. */
  readonly deliveries: number;
  /** Deliveries of these ticks that never came. */
  readonly missing: number;
  /** Deliveries of a tick that its member had already. */
  readonly doubled: number;
  /** Ticks that nobody heard. */
  readonly skipped: number;
  /** Of each tick: from its first receiver to its last, ms. */
  readonly spreadsMs: readonly number[];
  /** Of one delivery, in the mean; 0 without deliveries. */
  readonly bytes: number;
}

/** One tick on its way to the members. */
interface Tick {
  readonly text: string;
  readonly firstMs: number;
  lastMs: number;
  heard: number;
}

/** Follows one room's ticks. A tick is told from the one before by its text: each says when it was sent. */
export class RoomTicks {
  private ticks: Tick[] = [];

  constructor(private readonly members: number) {}

  /** A member has heard it, at an instant of `performance.now()`. */
  hear(text: string, atMs: number): void {
    const newest = this.ticks.at(-1);
    // Late by a whole interval is rare, so the search is short where it matters.
    const tick = newest?.text === text ? newest : this.ticks.findLast((one) => one.text === text);
    if (tick === undefined) {
      this.ticks.push({ text, firstMs: atMs, lastMs: atMs, heard: 1 });
    } else {
      tick.heard += 1;
      tick.lastMs = atMs;
    }
  }

  /** Tells of the ticks whose first receiver heard them in that time, and forgets all. There was to be one each `tickMs`. */
  take(fromMs: number, untilMs: number, tickMs: number): HeardTicks {
    const ticks = this.ticks.filter(({ firstMs }) => firstMs >= fromMs && firstMs < untilMs);
    this.ticks = [];
    // The first and the last may be a little outside.
    const fewest = Math.floor((untilMs - fromMs) / tickMs) - 1;
    const sum = (of: (tick: Tick) => number) => ticks.reduce((total, tick) => total + of(tick), 0);
    return {
      ticks: ticks.length,
      deliveries: sum(({ heard }) => heard),
      missing: sum(({ heard }) => Math.max(0, this.members - heard)),
      doubled: sum(({ heard }) => Math.max(0, heard - this.members)),
      skipped: Math.max(0, fewest - ticks.length),
      spreadsMs: ticks.map(({ firstMs, lastMs }) => lastMs - firstMs),
      bytes: ticks.length === 0 ? 0 : sum(({ text }) => Buffer.byteLength(text)) / ticks.length,
    };
  }
}

/** Of all rooms together. */
export function heardInAll(rooms: readonly HeardTicks[]): HeardTicks {
  const sum = (of: (room: HeardTicks) => number) => rooms.reduce((total, room) => total + of(room), 0);
  const ticks = sum((room) => room.ticks);
  return {
    ticks,
    deliveries: sum(({ deliveries }) => deliveries),
    missing: sum(({ missing }) => missing),
    doubled: sum(({ doubled }) => doubled),
    skipped: sum(({ skipped }) => skipped),
    spreadsMs: rooms.flatMap(({ spreadsMs }) => spreadsMs),
    bytes: ticks === 0 ? 0 : sum((room) => room.bytes * room.ticks) / ticks,
  };
}
