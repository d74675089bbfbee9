import type { Countdown, CountdownOptions } from './client.types.js';
import type { Environment } from './environment.js';
import type { Snapshot } from './wire.types.js';

const IDLE: Countdown = {
  phase: 'idle',
  remainingMs: null,
  seconds: null,
  durationMs: null,
  opensInMs: null,
};

const MS_PER_SECOND = 1_000;

/**
 * An estimate of the server's clock that goes back by more than this was wrong, as after a sleep. Standing still for so long
 * would look broken.
 */
const MAX_STAND_STILL_MS = 1_000;

const wholeSeconds = (ms: number): number => Math.ceil(ms / MS_PER_SECOND);

/**
 * What a countdown shows of a question at the server's instant `serverNow` (epoch milliseconds with fractions; null as long as
 * nothing is known of it: then what the snapshot says stands still). A lead-in that has ended is shown as open, since nobody
 * has to say so; that a question is closed is for the server to say: until then it is open with 0 left.
 */
export function countdownAt(snapshot: Snapshot | null, serverNow: number | null): Countdown {
  if (snapshot === null || snapshot.remainingMs === null) return IDLE;
  const { phase, opensAt, endsAt, remainingMs, durationMs } = snapshot;
  const isMoving = phase === 'lead-in' || phase === 'open';
  const now = Math.max(serverNow ?? snapshot.serverNow, snapshot.serverNow);
  const isBefore = phase === 'lead-in' && opensAt !== null && now < opensAt;
  // Never more than the server said was left.
  const leftMs = isMoving && endsAt !== null ? Math.max(0, Math.min(endsAt - now, remainingMs)) : remainingMs;
  return {
    phase: phase === 'lead-in' && !isBefore ? 'open' : phase,
    remainingMs: leftMs,
    seconds: wholeSeconds(leftMs),
    durationMs,
    opensInMs: isBefore ? opensAt - now : null,
  };
}

/** What a room's countdown is of: read whenever it is shown. */
export interface CountdownSource {
  /** The newest state of the room's question; null before the first join. */
  readonly snapshot: () => Snapshot | null;
  /** The server's instant now, epoch milliseconds with fractions; null when nothing is known of it. */
  readonly serverNow: () => number | null;
}

/** A room's countdown and who listens to it. */
export interface RoomCountdown {
  /** The countdown at this instant. */
  now(): Countdown;
  /** As `Room.onCountdown`. */
  listen(listener: (countdown: Countdown) => void, options?: CountdownOptions): () => void;
  /** The state of the question or the estimate of the clock is another: shows it, and arms timers anew. */
  changed(): void;
  /** Ends all timers and frames, for good. */
  stop(): void;
}

export function makeRoomCountdown(environment: Environment, source: CountdownSource): RoomCountdown {
  return new ShownCountdown(environment, source);
}

/** What of a snapshot makes a countdown another, apart from time. */
const keyOf = ({ runId, phase, opensAt, endsAt, remainingMs, durationMs }: Snapshot): string => {
  const standing = phase === 'lead-in' || phase === 'open' ? '' : remainingMs;
  return `${runId} ${phase === 'lead-in' ? 'open' : phase} ${opensAt} ${endsAt} ${standing} ${durationMs}`;
};

class ShownCountdown implements RoomCountdown {
  private readonly listeners = new Set<CountdownListener>();
  /** Of the last reading: for one question in one state it only grows, so nothing that is shown runs backwards. */
  private shown: { readonly key: string; readonly at: number } | null = null;

  constructor(
    private readonly environment: Environment,
    private readonly source: CountdownSource,
  ) {}

  now(): Countdown {
    return this.read().countdown;
  }

  /** The countdown, what it is of, and for how long it stands still (milliseconds, before it goes on). */
  read(): Reading {
    const snapshot = this.source.snapshot();
    const serverNow = this.source.serverNow();
    if (snapshot === null || serverNow === null) {
      this.shown = null;
      const key = snapshot === null ? '' : keyOf(snapshot);
      return { countdown: countdownAt(snapshot, null), key, aheadMs: 0 };
    }
    const key = keyOf(snapshot);
    const truth = Math.max(serverNow, snapshot.serverNow);
    const aheadMs = this.shown?.key === key ? this.shown.at - truth : 0;
    const at = aheadMs > 0 && aheadMs <= MAX_STAND_STILL_MS ? truth + aheadMs : truth;
    this.shown = { key, at };
    return { countdown: countdownAt(snapshot, at), key, aheadMs: at - serverNow };
  }

  listen(listener: (countdown: Countdown) => void, { every = 'second' }: CountdownOptions = {}): () => void {
    const Listener = every === 'frame' ? FrameListener : SecondListener;
    const added = new Listener(this.environment, () => this.read(), listener);
    this.listeners.add(added);
    added.show();
    return () => {
      this.listeners.delete(added);
      added.stop();
    };
  }

  changed(): void {
    for (const listener of this.listeners) listener.show();
  }

  stop(): void {
    for (const listener of this.listeners) listener.stop();
    this.listeners.clear();
  }
}

interface Reading {
  readonly countdown: Countdown;
  readonly key: string;
  readonly aheadMs: number;
}

interface CountdownListener {
  /** Tells the listener if there is something new to it, and arms what comes next. */
  show(): void;
  stop(): void;
}

/** Whether time alone changes what is shown. */
const isRunning = ({ phase, remainingMs }: Countdown): boolean =>
  phase === 'lead-in' || (phase === 'open' && remainingMs !== 0);

class FrameListener implements CountdownListener {
  private isStopped = false;
  private cancel: (() => void) | null = null;

  constructor(
    private readonly environment: Environment,
    private readonly read: () => Reading,
    private readonly listener: (countdown: Countdown) => void,
  ) {}

  show(): void {
    // The frame that is armed shows it.
    if (this.isStopped || this.cancel !== null) return;
    this.draw();
  }

  stop(): void {
    this.isStopped = true;
    this.cancel?.();
  }

  private draw(): void {
    const { countdown } = this.read();
    this.cancel = isRunning(countdown)
      ? this.environment.onFrame(() => {
          this.cancel = null;
          this.draw();
        })
      : null;
    this.listener(countdown);
  }
}

/** How long until `ms` counts one second less, milliseconds. */
const untilNextSecond = (ms: number): number => ms - (wholeSeconds(ms) - 1) * MS_PER_SECOND;

class SecondListener implements CountdownListener {
  private isStopped = false;
  private told = '';
  private cancel: () => void = () => {};

  constructor(
    private readonly environment: Environment,
    private readonly read: () => Reading,
    private readonly listener: (countdown: Countdown) => void,
  ) {}

  show(): void {
    if (this.isStopped) return;
    const { countdown, key, aheadMs } = this.read();
    this.arm(countdown, aheadMs);
    const { phase, seconds, opensInMs } = countdown;
    const news = `${key} ${phase} ${seconds} ${opensInMs === null ? '' : wholeSeconds(opensInMs)}`;
    if (news === this.told) return;
    this.told = news;
    this.listener(countdown);
  }

  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  /** At the next change and not each second: so it neither drifts nor comes half a second late. */
  private arm(countdown: Countdown, aheadMs: number): void {
    this.cancel();
    this.cancel = () => {};
    if (!isRunning(countdown)) return;
    const moving = countdown.opensInMs ?? countdown.remainingMs ?? 0;
    this.cancel = this.environment.setTimer(() => this.show(), untilNextSecond(moving) + aheadMs);
  }
}
