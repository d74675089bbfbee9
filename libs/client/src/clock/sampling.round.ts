import type { Environment } from '../environment.js';
import type { ClockSample } from './clock.types.js';
import { spacingMs } from './sampling.policy.js';

/** Not more than this are on their way at a time: where nothing is answered, nothing more is asked. */
const MAX_IN_FLIGHT = 8;
/** So many without any answer, and the round is given up. */
export const HOPELESS = 3;

export interface RoundOptions {
  readonly measure: () => Promise<ClockSample | null>;
  readonly limit: number;
  /** Takes an answer, also one that comes after the end. Returns whether the round has got what it is for. */
  readonly taken: (sample: ClockSample) => boolean;
  /** Called once, unless it was cancelled before: how many were answered and how many not. */
  readonly ended: (answered: number, failed: number) => void;
}

/** One round of measuring: samples at their distances, without waiting for answers, until it is enough. */
export class SamplingRound {
  private sent = 0;
  private answered = 0;
  private failed = 0;
  private isOver = false;
  private isHeld = false;
  private cancelTimer: () => void = () => {};

  constructor(
    private readonly environment: Environment,
    private readonly options: RoundOptions,
  ) {}

  begin(): void {
    this.ask();
  }

  cancel(): void {
    this.isOver = true;
    this.cancelTimer();
  }

  private ask(): void {
    if (this.sent - this.answered - this.failed >= MAX_IN_FLIGHT) {
      this.isHeld = true;
      return;
    }
    this.sent += 1;
    if (this.sent < this.options.limit) {
      this.cancelTimer = this.environment.setTimer(() => this.ask(), spacingMs(this.sent));
    }
    void this.options.measure().then((sample) => this.settle(sample));
  }

  private settle(sample: ClockSample | null): void {
    if (sample === null) this.failed += 1;
    else this.answered += 1;
    // May cancel this round to begin another.
    const isEnough = sample !== null && this.options.taken(sample);
    if (this.isOver) return;
    const isHopeless = this.answered === 0 && this.failed >= HOPELESS;
    const isDone = this.answered + this.failed >= this.options.limit;
    if (isEnough || isHopeless || isDone) {
      this.cancel();
      this.options.ended(this.answered, this.failed);
    } else if (this.isHeld) {
      this.isHeld = false;
      this.ask();
    }
  }
}
