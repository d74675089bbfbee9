import type { Environment } from '../environment.js';
import type { Connection } from './connection.js';
import type { Arrival } from './entrance.js';

export interface StateRequestOptions {
  readonly environment: Environment;
  /** `Entrance.ask`: on a connection that is in the room it is answered with the state. */
  readonly ask: (connection: Connection, timeoutMs?: number) => Promise<Arrival>;
  /** In the room; null while there is none. */
  readonly current: () => Connection | null;
  /** Whether a new connection is about to take the place of the current one. */
  readonly isMoving: () => boolean;
  readonly onAnswer: (arrival: Exclude<Arrival, { kind: 'retry' }>) => void;
  /** The current connection is of no use any more. */
  readonly onUseless: () => void;
  /** `isPending` is another, maybe. */
  readonly onChange: () => void;
}

/** When the state could not be asked for, again after this (ms). */
const AGAIN_MS = 1_000;

/** Asks for the state over the connection that is in the room, one request at a time, until it is answered. */
export class StateRequest {
  isAsking = false;
  /** What is known may be old, and that is not being asked yet. */
  private isStale = false;
  private cancelTimer: () => void = () => {};

  constructor(private readonly options: StateRequestOptions) {}

  /** Whether something may have been missed that is not known yet. */
  get isPending(): boolean {
    return this.isAsking || this.isStale;
  }

  make(timeoutMs?: number): void {
    const current = this.options.current();
    if (current === null) return;
    this.cancelTimer();
    this.isStale = true;
    // Asking for the seat while a new connection of ours is about to get it would take it away from that one.
    if (!this.isAsking && !this.options.isMoving()) void this.ask(current, timeoutMs);
    this.options.onChange();
  }

  /** The new connection did not come about: what it would have told is asked over the old one. */
  moveFailed(): void {
    if (this.isStale) this.makeLater(AGAIN_MS);
  }

  /** There is no connection, or a new one that told the state. */
  drop(): void {
    this.isStale = false;
    this.cancelTimer();
  }

  private makeLater(afterMs: number): void {
    this.cancelTimer();
    this.cancelTimer = this.options.environment.setTimer(() => this.make(), afterMs);
  }

  private async ask(connection: Connection, timeoutMs?: number): Promise<void> {
    this.isAsking = true;
    this.isStale = false;
    const arrival = await this.options.ask(connection, timeoutMs);
    this.isAsking = false;
    if (connection === this.options.current()) this.answered(arrival);
    // Else it was asked over one that is gone: whoever came instead was told by its join.
    if (this.isStale && arrival.kind === 'joined') this.make();
    this.options.onChange();
  }

  private answered(arrival: Arrival): void {
    if (arrival.kind !== 'retry') this.options.onAnswer(arrival);
    else if (arrival.isAtOnce || arrival.error?.code === 'unauthorized') this.options.onUseless();
    else {
      this.isStale = true;
      this.makeLater(arrival.error?.retryAfterMs ?? AGAIN_MS);
    }
  }
}
