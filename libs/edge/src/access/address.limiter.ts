interface Bucket {
  tokens: number;
  filledAt: number;
}

/** So many addresses are remembered; the one that was seen longest ago is forgotten first. */
const MAX_ADDRESSES = 10_000;

/** A token bucket for each address, in this process only: n gateways let n times as much through. */
export class AddressLimiter {
  private readonly buckets = new Map<string, Bucket>();

  /**
   * @param burst so many at once
   * @param everyMs then one each `everyMs`
   */
  constructor(
    private readonly burst: number,
    private readonly everyMs: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Takes one: 0 when it was there, else in how many milliseconds there will be one. */
  take(address: string): number {
    const now = this.nowMs();
    const bucket = this.buckets.get(address) ?? { tokens: this.burst, filledAt: now };
    const tokens = Math.min(this.burst, bucket.tokens + (now - bucket.filledAt) / this.everyMs);
    const isAllowed = tokens >= 1;
    // Set anew, so that the map's order is the order of being seen.
    this.buckets.delete(address);
    this.buckets.set(address, { tokens: isAllowed ? tokens - 1 : tokens, filledAt: now });
    if (this.buckets.size > MAX_ADDRESSES) this.forgetOldest();
    return isAllowed ? 0 : Math.ceil((1 - tokens) * this.everyMs);
  }

  private forgetOldest(): void {
    const [oldest] = this.buckets.keys();
    if (oldest !== undefined) this.buckets.delete(oldest);
  }
}
