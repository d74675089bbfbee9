/** How long a connection holds what passes through it. */
export interface LinkProfile {
  /** In the middle, milliseconds. */
  readonly delayMs: number;
  /** Evenly, so much more or less, milliseconds. */
  readonly spreadMs: number;
  /** This share of all pieces is held longer by `rareMs`. */
  readonly rareShare: number;
  readonly rareMs: number;
}

/** One direction of a connection: says when what arrives now comes out. Keeps the order, as TCP does. */
export class DelayLine {
  private lastAt = Number.NEGATIVE_INFINITY;

  /** @param random at least 0, less than 1 */
  constructor(
    private readonly profile: LinkProfile,
    private readonly random: () => number,
  ) {}

  /** Instants on any one clock, milliseconds. */
  releaseAt(nowMs: number): number {
    const { delayMs, spreadMs, rareShare, rareMs } = this.profile;
    const own = delayMs + (2 * this.random() - 1) * spreadMs;
    const rare = this.random() < rareShare ? rareMs : 0;
    this.lastAt = Math.max(this.lastAt, nowMs + own + rare);
    return this.lastAt;
  }
}
