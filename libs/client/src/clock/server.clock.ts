import type { ClockSample } from './clock.types.js';

/** Between what the offset (server minus monotonic clock, milliseconds) lies, when the monotonic clock reads `at`. */
export interface OffsetBounds {
  readonly low: number;
  /** Infinity as long as the server was only heard, and never asked. */
  readonly high: number;
  readonly at: number;
}

/**
 * What became of a sample: it `fits` what was known; it contradicts that, and the estimate `moved`; or it says nothing
 * and was `refused`.
 */
export type Taken = 'fits' | 'moved' | 'refused';

/** Two clocks drift apart by no more (ms per ms) as a rule: crystals by 20 to 50 ppm, slewed by NTP a little more. */
export const DRIFT = 100e-6;

// The server tells whole milliseconds: of two instants that it rounded down the rounded middle. So the instant that it means
// lies between half a millisecond before what it tells and a whole one after it.
const ROUNDED_UP_MS = 0.5;
const ROUNDED_DOWN_MS = 1;

/** A message contradicts what is known when it is from later than possible by more than this: servers' clocks differ a little. */
const HEARD_SLACK_MS = 20;

/** What one sample says of the offset: the server told its time between sending and receiving. */
export function boundsOf({ sentAt, serverNow, receivedAt }: ClockSample): OffsetBounds {
  const driftMs = DRIFT * (receivedAt - sentAt);
  return {
    low: serverNow - ROUNDED_UP_MS - receivedAt - driftMs,
    high: serverNow + ROUNDED_DOWN_MS - sentAt + driftMs,
    at: receivedAt,
  };
}

/** The same bounds at another reading of the monotonic clock: the older, the wider. */
export function aged({ low, high, at: from }: OffsetBounds, at: number): OffsetBounds {
  const driftMs = DRIFT * Math.max(0, at - from);
  return { low: low - driftMs, high: high + driftMs, at: Math.max(at, from) };
}

/** What both allow; null when they contradict each other. */
export function intersection(one: OffsetBounds, other: OffsetBounds): OffsetBounds | null {
  const at = Math.max(one.at, other.at);
  const [a, b] = [aged(one, at), aged(other, at)];
  const low = Math.max(a.low, b.low);
  const high = Math.min(a.high, b.high);
  return low <= high ? { low, high, at } : null;
}

const isSample = ({ sentAt, serverNow, receivedAt }: ClockSample): boolean =>
  Number.isFinite(sentAt) && Number.isFinite(serverNow) && receivedAt >= sentAt;

/** What was known before trust was lost. */
interface Doubted {
  readonly bounds: OffsetBounds;
  readonly used: number;
  readonly jumpMs: number;
}

/**
 * The server's clock as seen from here, on this device's monotonic clock and never by its time of day. Each sample bounds the
 * offset from both sides, all together bound it by what they have in common: a sample that was quick one way is good for
 * that way even when its answer was slow. Where samples contradict each other, the newest is the truth.
 */
export class ServerClock {
  private bounds: OffsetBounds | null = null;
  /** The middle of the bounds when the last sample came: they widen evenly from then on, and messages narrow one side only. */
  private middle = 0;
  /** The offset as it was when trust was lost; serves until there are bounds again. */
  private former: number | null = null;
  private doubted: Doubted | null = null;
  private wasBounded = false;
  private trustedFrom = Number.NEGATIVE_INFINITY;
  private used = 0;

  /** Samples in use. */
  get samples(): number {
    return this.used;
  }

  /** Whether the offset is bounded from both sides. */
  get isBounded(): boolean {
    return this.bounds !== null && this.bounds.high < Number.POSITIVE_INFINITY;
  }

  /** Whether trust was lost in bounds, and there are no others yet. */
  get isDistrusted(): boolean {
    return this.wasBounded && !this.isBounded;
  }

  add(sample: ClockSample): Taken {
    // Sent before a sleep, answered after it: the monotonic clock may have stood still in between.
    if (!isSample(sample) || sample.sentAt < this.trustedFrom) return 'refused';
    const next = boundsOf(sample);
    if (!this.isBounded) this.restore(next);
    const met = this.bounds === null ? next : intersection(this.bounds, next);
    this.bounds = met ?? next;
    this.middle = (this.bounds.low + this.bounds.high) / 2;
    this.used = met === null ? 1 : this.used + 1;
    return met === null ? 'moved' : 'fits';
  }

  /** A message told the server's instant, which has passed since: that bounds the offset from one side. */
  hear(serverNow: number, receivedAt: number): Taken {
    if (!Number.isFinite(serverNow)) return 'refused';
    const next = {
      low: serverNow - ROUNDED_UP_MS - receivedAt,
      high: Number.POSITIVE_INFINITY,
      at: receivedAt,
    };
    const met = this.bounds === null ? next : intersection(this.bounds, next);
    if (met !== null) {
      this.bounds = met;
      return 'fits';
    }
    const beyondMs = next.low - (this.boundsAt(receivedAt)?.high ?? next.low);
    if (beyondMs <= HEARD_SLACK_MS) return 'refused';
    this.distrust(receivedAt);
    this.bounds = next;
    return 'moved';
  }

  /**
   * What was measured until `at` says nothing any more, but for the estimate that serves until there is another. With `jumpMs`,
   * the offset has either moved by so much (the device slept and its monotonic clock stood still) or not at all (somebody
   * set the device's clock): the first sample that can tell the two apart may give the trust back.
   */
  distrust(at: number, jumpMs = 0): void {
    this.former = this.offset(at);
    this.doubted =
      this.isBounded && this.bounds !== null ? { bounds: this.bounds, used: this.used, jumpMs } : null;
    this.wasBounded ||= this.isBounded;
    this.bounds = null;
    this.used = 0;
    this.trustedFrom = at;
  }

  boundsAt(at: number): OffsetBounds | null {
    return this.bounds === null ? null : aged(this.bounds, at);
  }

  /** The likeliest of what is possible, milliseconds; null before anything was measured or heard. */
  offset(at: number): number | null {
    const bounds = this.boundsAt(at);
    if (bounds === null) return this.former;
    if (this.isBounded) return Math.min(Math.max(this.middle, bounds.low), bounds.high);
    return Math.max(bounds.low, this.former ?? bounds.low);
  }

  /** How far `offset` may be from the truth at most, either way, milliseconds; null unless bounded from both sides. */
  errorMs(at: number): number | null {
    const bounds = this.boundsAt(at);
    const offset = this.offset(at);
    if (bounds === null || offset === null || !this.isBounded) return null;
    return Math.max(offset - bounds.low, bounds.high - offset);
  }

  private restore(next: OffsetBounds): void {
    const { doubted } = this;
    this.doubted = null;
    if (doubted === null) return;
    const { bounds, used, jumpMs } = doubted;
    const canTell = next.high - next.low + bounds.high - bounds.low < jumpMs;
    // Messages may have been heard meanwhile.
    const back = this.bounds === null ? bounds : intersection(bounds, this.bounds);
    if (!canTell || back === null || intersection(back, next) === null) return;
    this.bounds = back;
    this.used = used;
  }
}
