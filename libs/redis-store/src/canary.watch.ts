/** How often a canary is sent (ms). */
export const CANARY_BEAT_MS = 1_000;
/** Three canaries are missing (ms), less what a timer may fire early. */
const SILENT_AFTER_MS = 2_900;
/** A canary that Redis has taken and that was not heard so much later (ms) is lost, not on its way. */
const LOST_AFTER_MS = 900;

export interface CanaryWatchOptions {
  /** A monotonic clock, in milliseconds. */
  now(): number;
  /** Sends a canary; resolves when Redis has taken it. Its failure only means that nothing can be heard. */
  send(canary: number): Promise<unknown>;
  /** Asks on the subscribing connection itself; resolves with its answer. Absent: only its other direction is watched. */
  ask?(): Promise<unknown>;
  /** What is published does not come through, or nothing is answered: the subscribing connection has to be made anew. */
  reconnect(): void;
  /** Something may have been missed, and from now on everything is heard again. */
  onGap(): void;
}

/**
 * Decides from its own canaries whether a subscribing connection carries what is published. It is deaf from the loss of
 * the connection, or from three missing canaries, until it hears one that was sent after all was subscribed again.
 */
export class CanaryWatch {
  private sent = 0;
  private newestHeard = 0;
  private heardAt: number;
  /** Since when a canary that Redis has taken is not heard. */
  private missingSince: number | undefined;
  /** The first canary whose hearing proves that all is subscribed. */
  private provingFrom = Number.POSITIVE_INFINITY;
  /** The question that is not answered yet. */
  private asked: { readonly at: number } | undefined;
  private isDeaf = true;
  private wasEverHeard = false;
  /** Who waits for a canary, or any later one. */
  private readonly waiting = new Set<{ readonly canary: number; readonly resolve: () => void }>();

  constructor(private readonly options: CanaryWatchOptions) {
    this.heardAt = options.now();
  }

  get isHeard(): boolean {
    return !this.isDeaf;
  }

  /** To be called every `CANARY_BEAT_MS`. */
  beat(): void {
    const now = this.options.now();
    if (now - this.heardAt >= SILENT_AFTER_MS) {
      this.isDeaf = true;
      // While Redis takes nothing the connection is not to blame, and cutting it would make a gap of a pause.
      if (this.missingSince !== undefined && now - this.missingSince >= LOST_AFTER_MS) this.reconnect(now);
    } else if (this.isIgnored(now)) {
      this.reconnect(now);
    }
    this.send();
    this.ask(now);
  }

  heard(canary: number): void {
    this.newestHeard = Math.max(this.newestHeard, canary);
    this.heardAt = this.options.now();
    this.missingSince = undefined;
    for (const waiter of this.waiting) {
      if (waiter.canary > canary) continue;
      this.waiting.delete(waiter);
      waiter.resolve();
    }
    if (!this.isDeaf || canary < this.provingFrom) return;
    this.isDeaf = false;
    const isGap = this.wasEverHeard;
    this.wasEverHeard = true;
    if (isGap) this.options.onGap();
  }

  /** Resolves when a canary that is sent now, or a later one, is heard: what was published before it was heard, or lost. */
  async caughtUp(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.waiting.add({ canary: this.sent + 1, resolve });
      this.send();
    });
  }

  /** The connection is gone, and its subscriptions with it. */
  lost(): void {
    this.isDeaf = true;
    this.asked = undefined;
    this.provingFrom = Number.POSITIVE_INFINITY;
  }

  /** Everything is subscribed again, as the next canary has to prove. */
  restored(): void {
    this.provingFrom = this.sent + 1;
    this.grantTime(this.options.now());
    this.send();
  }

  private reconnect(now: number): void {
    this.lost();
    this.grantTime(now);
    this.options.reconnect();
  }

  private grantTime(now: number): void {
    this.heardAt = now;
    this.missingSince = undefined;
    this.asked = undefined;
  }

  /** It tells what is published, but does not answer: nothing more could be subscribed. */
  private isIgnored(now: number): boolean {
    const { asked } = this;
    if (asked === undefined) return false;
    return now - asked.at >= SILENT_AFTER_MS && this.heardAt - asked.at >= LOST_AFTER_MS;
  }

  private ask(now: number): void {
    if (this.options.ask === undefined || this.asked !== undefined || this.isDeaf) return;
    const asked = { at: now };
    this.asked = asked;
    const answered = () => {
      if (this.asked === asked) this.asked = undefined;
    };
    this.options.ask().then(answered, answered);
  }

  private send(): void {
    const canary = ++this.sent;
    const taken = () => {
      if (canary > this.newestHeard) this.missingSince ??= this.options.now();
    };
    this.options.send(canary).then(taken, () => {});
  }
}
