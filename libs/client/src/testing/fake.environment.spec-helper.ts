import type { ClockSample } from '../clock/clock.types.js';
import type { Environment } from '../environment.js';

interface FakeTimer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** At 60 Hz. */
const FRAME_MS = 1_000 / 60;
/** More than any chain of promises in this package is long. */
const MICROTASKS = 20;

/** A platform whose time passes when the test says so. */
export class FakeEnvironment implements Environment {
  /** A page that is not shown draws no frames. */
  isVisible = true;
  private readonly timers = new Set<FakeTimer>();
  private readonly frames = new Set<() => void>();
  private readonly wakeListeners = new Set<() => void>();
  private nextFrameMs: number;

  constructor(
    private now = 1_000,
    private wall = 1_600_000_000_000,
  ) {
    this.nextFrameMs = now + FRAME_MS;
  }

  nowMs(): number {
    return this.now;
  }

  wallMs(): number {
    return this.wall;
  }

  setTimer(run: () => void, delayMs: number): () => void {
    const timer = { dueMs: this.now + Math.max(0, delayMs), run };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  onFrame(run: () => void): () => void {
    this.frames.add(run);
    return () => void this.frames.delete(run);
  }

  onWake(listener: () => void): () => void {
    this.wakeListeners.add(listener);
    return () => void this.wakeListeners.delete(listener);
  }

  /** How many timers and frames are armed, and how many listen for a wake-up. */
  get armed(): { readonly timers: number; readonly frames: number; readonly wakes: number } {
    return { timers: this.timers.size, frames: this.frames.size, wakes: this.wakeListeners.size };
  }

  /** Lets time pass: timers and frames run when they are due, promises in between. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.now + ms;
    await settled();
    for (;;) {
      const timer = this.nextTimer();
      const frameMs = this.frames.size > 0 && this.isVisible ? this.nextFrame() : Number.POSITIVE_INFINITY;
      const dueMs = Math.min(timer?.dueMs ?? Number.POSITIVE_INFINITY, frameMs);
      if (dueMs > untilMs) break;
      this.move(Math.max(0, dueMs - this.now));
      if (timer !== undefined && timer.dueMs <= frameMs) {
        this.timers.delete(timer);
        timer.run();
      } else {
        this.draw();
      }
      await settled();
    }
    this.move(untilMs - this.now);
  }

  /** The device sleeps: nothing runs, and on some platforms the monotonic clock stands still as well. */
  sleep(ms: number, monotonicClock: 'runs' | 'stands still'): void {
    this.wall += ms;
    if (monotonicClock === 'runs') this.now += ms;
  }

  /** Somebody sets the device's time of day. */
  setWall(wallMs: number): void {
    this.wall = wallMs;
  }

  wake(): void {
    for (const listener of [...this.wakeListeners]) listener();
  }

  private move(ms: number): void {
    this.now += ms;
    this.wall += ms;
  }

  private nextTimer(): FakeTimer | undefined {
    return [...this.timers].reduce<FakeTimer | undefined>(
      (first, timer) => (first === undefined || timer.dueMs < first.dueMs ? timer : first),
      undefined,
    );
  }

  private nextFrame(): number {
    while (this.nextFrameMs <= this.now) this.nextFrameMs += FRAME_MS;
    return this.nextFrameMs;
  }

  private draw(): void {
    const due = [...this.frames];
    this.frames.clear();
    for (const run of due) run();
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < MICROTASKS; i++) await Promise.resolve();
}

/** A server that tells its time over a connection that keeps the order of what it carries. */
export class FakeTimeServer {
  /** Its clock minus the monotonic clock of the environment. */
  offset = 1_700_000_000_000.4;
  thereMs: () => number = () => 1;
  backMs: () => number = () => 1;
  /** Asked and not answered: the answer is null after this time. */
  isSilent = false;
  timeoutMs = 5_000;
  asked = 0;
  private readAt = 0;
  private toldAt = 0;

  constructor(private readonly environment: FakeEnvironment) {}

  get now(): number {
    return this.environment.nowMs() + this.offset;
  }

  readonly measure = (): Promise<ClockSample | null> => {
    const { environment } = this;
    this.asked += 1;
    const sentAt = environment.nowMs();
    return new Promise((resolve) => {
      if (this.isSilent) {
        environment.setTimer(() => resolve(null), this.timeoutMs);
        return;
      }
      this.readAt = Math.max(this.readAt, sentAt + this.thereMs());
      environment.setTimer(() => {
        const serverNow = Math.floor(this.now);
        this.toldAt = Math.max(this.toldAt, environment.nowMs() + this.backMs());
        environment.setTimer(
          () => resolve({ sentAt, serverNow, receivedAt: environment.nowMs() }),
          this.toldAt - environment.nowMs(),
        );
      }, this.readAt - sentAt);
    });
  };
}
