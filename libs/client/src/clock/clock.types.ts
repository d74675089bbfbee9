/**
 * One comparison of clocks: this device's monotonic clock before sending and after receiving, milliseconds with fractions,
 * and the server's integer milliseconds in between.
 */
export interface ClockSample {
  readonly sentAt: number;
  readonly serverNow: number;
  readonly receivedAt: number;
}

/** What the room's clock is to the rest of the client. */
export interface RoomClock {
  /** Begins to measure, at once and then in the background. On each (re)connection; what was measured before is kept. */
  start(): void;
  /** Measures no more; what is known stays. On each lost connection. */
  stop(): void;
  /** A sample that came by the way: the acknowledgement of a join tells the server's instant, too. */
  add(sample: ClockSample): void;
  /** `serverNow` of a message that has just come: it has passed since. All there is to count from until there is a sample. */
  hear(serverNow: number): void;
  /** The server's instant, epoch milliseconds with fractions; null before the first sample or message. */
  serverNow(): number | null;
  readonly isSynchronised: boolean;
  /** Whether to ask the server for ticks: it was tried, and it does not work. */
  readonly needsTicks: boolean;
  /** Measuring anew after a sleep or a jump. */
  readonly isSyncing: boolean;
  /** How far `serverNow` may be off at most, either way; null before the first sample, and again while `isSyncing`. */
  readonly errorMs: number | null;
  readonly samples: number;
}

/** What the room's clock is made of. */
export interface RoomClockOptions {
  /** Asks the server once (`clock:sync`); null when there was no answer, or none that is one. Never rejects. */
  readonly measure: () => Promise<ClockSample | null>;
  /** Called when any of the readings above changed its meaning (not for each sample). */
  readonly onChange: () => void;
  /** Called when the estimate moved: what was armed by `serverNow` is to be armed anew. Often in the first seconds. */
  readonly onMove?: () => void;
}
