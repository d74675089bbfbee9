import type { Environment } from '../environment.js';

/** How often it is looked whether the device slept. */
const LOOK_MS = 2_000;
/** A timer that is later, or a time of day that moved by more, is noticed. */
const NOTICED_MS = 1_000;

export interface SleepListeners {
  /**
   * The time of day moved against the monotonic clock: somebody set it, or the device slept and the monotonic clock stood
   * still. Which of the two cannot be told from here.
   */
  readonly jumped: (byMs: number) => void;
  /** Something else after which a look at the clock is due: a timer came late, the page is shown again. */
  readonly woke: (how: 'late timer' | 'wake') => void;
}

/** Notices that the device slept, was busy for long, or had its time of day set. */
export class SleepWatch {
  private difference: number;
  private stopping: (() => void)[] = [];

  constructor(
    private readonly environment: Environment,
    private readonly listeners: SleepListeners,
  ) {
    this.difference = this.read();
  }

  /** Looks now. Returns whether there was a jump, of which the listener has been told. */
  look(): boolean {
    const difference = this.read();
    const movedMs = Math.abs(difference - this.difference);
    // Taken over each time: what NTP slews over hours is no jump.
    this.difference = difference;
    if (movedMs <= NOTICED_MS) return false;
    this.listeners.jumped(movedMs);
    return true;
  }

  start(): void {
    this.stop();
    this.look();
    const woken = () => {
      if (!this.look()) this.listeners.woke('wake');
    };
    this.stopping = [this.environment.onWake(woken), () => this.cancelTimer()];
    this.arm();
  }

  stop(): void {
    for (const stop of this.stopping) stop();
    this.stopping = [];
  }

  private cancelTimer: () => void = () => {};

  private arm(): void {
    const dueAt = this.environment.nowMs() + LOOK_MS;
    this.cancelTimer = this.environment.setTimer(() => {
      const lateMs = this.environment.nowMs() - dueAt;
      this.arm();
      if (!this.look() && lateMs > NOTICED_MS) this.listeners.woke('late timer');
    }, LOOK_MS);
  }

  private read(): number {
    return this.environment.wallMs() - this.environment.nowMs();
  }
}
