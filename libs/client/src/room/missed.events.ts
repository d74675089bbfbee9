import type { Environment } from '../environment.js';
import type { Snapshot } from '../wire.types.js';

export interface MissedEventsOptions {
  readonly environment: Environment;
  /** The server's instant, epoch milliseconds; null if it is not known. */
  readonly serverNow: () => number | null;
  /** Asks for the state. */
  readonly resync: () => void;
  readonly random: () => number;
}

/** An event that is due has this long (ms) to come, and up to as long again, or all players would ask at once. */
const OVERDUE_MS = 1_000;
/** A newer version is told by the way (ms) before the event that made it; and here, too, not all ask at once. */
const OVERTAKEN_MS = 150;
/** Timers count 31 bits of milliseconds; and clocks are better known later. */
const LONGEST_TIMER_MS = 3_600_000;

/** Notices that an event has not come: an opening or closing that is due, or one that the server has told of by the way. */
export class MissedEvents {
  private cancelDue: () => void = () => {};
  private cancelNewer: () => void = () => {};
  private question: Snapshot | null = null;
  private graceMs = 0;
  /** The server's instant before which it is not asked again. */
  private quietUntilAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: MissedEventsOptions) {}

  /** This is the state from now on. */
  expect(question: Snapshot | null): void {
    if (question === this.question) return;
    this.question = question;
    this.graceMs = this.spreadMs;
    this.arm();
  }

  /** The clock is known better: timers that were armed by it are armed anew. */
  arm(): void {
    this.cancelDue();
    const dueAt = nextEventAt(this.question);
    const now = this.options.serverNow();
    if (dueAt === null || now === null) return;
    const leftMs = Math.max(dueAt + this.graceMs, this.quietUntilAt) - now;
    this.cancelDue = this.options.environment.setTimer(
      () => this.look(dueAt),
      Math.min(LONGEST_TIMER_MS, Math.max(0, leftMs)),
    );
  }

  /** The server has this version; if it is newer than what has come, it is asked for. */
  sawVersion(version: number): void {
    if (this.question === null || version <= this.question.version) return;
    this.cancelNewer();
    this.cancelNewer = this.options.environment.setTimer(
      () => {
        if (this.question !== null && version > this.question.version) this.options.resync();
      },
      OVERTAKEN_MS * (1 + this.options.random()),
    );
  }

  stop(): void {
    this.cancelDue();
    this.cancelNewer();
    this.question = null;
  }

  private look(dueAt: number): void {
    const now = this.options.serverNow();
    if (now === null) return;
    // A timer may be early, or be one of several for a long time.
    if (now < Math.max(dueAt + OVERDUE_MS, this.quietUntilAt)) {
      this.arm();
      return;
    }
    // If that changes nothing, not again at once.
    this.quietUntilAt = now + this.spreadMs;
    this.options.resync();
    this.arm();
  }

  private get spreadMs(): number {
    return OVERDUE_MS * (1 + this.options.random());
  }
}

/** When time alone changes this state, epoch milliseconds; null if it does not. */
function nextEventAt(question: Snapshot | null): number | null {
  if (question?.phase === 'lead-in') return question.opensAt;
  return question?.phase === 'open' ? question.endsAt : null;
}
