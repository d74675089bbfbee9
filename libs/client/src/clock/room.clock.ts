import type { Environment } from '../environment.js';
import type { ClockSample, RoomClock, RoomClockOptions } from './clock.types.js';
import { isSettled, MAX_SAMPLES, pauseMs, retryMs, SETTLED_PAUSE_MS } from './sampling.policy.js';
import { HOPELESS, SamplingRound } from './sampling.round.js';
import { boundsOf, type OffsetBounds, ServerClock } from './server.clock.js';
import { SleepWatch } from './sleep.watch.js';

/** Samples of a look whether a clock that is known still holds: after a reconnection, which may lead to another gateway. */
const CHECK_SAMPLES = 3;
/** Of a look in the background. */
const BACKGROUND_SAMPLES = 1;
/** A page that is shown wakes in several ways at once: one look is enough. */
const QUIET_MS = 5_000;
/** Samples that are kept to tell what more would bring. */
const KEPT_SAMPLES = 2 * MAX_SAMPLES;
/** An estimate that moves by less needs no timer to be armed anew. */
const MOVED_MS = 0.5;

/** The room's clock: measures the server's clock against this device's monotonic one, as often as it is worth it. */
export function makeRoomClock(environment: Environment, options: RoomClockOptions): RoomClock {
  return new MeasuringClock(environment, options);
}

class MeasuringClock implements RoomClock {
  needsTicks = false;
  private readonly clock = new ServerClock();
  private readonly watch: SleepWatch;
  /** Since the estimate last moved or trust was lost. */
  private measured: OffsetBounds[] = [];
  private round: SamplingRound | null = null;
  private isRunning = false;
  /** Whether a whole round went to its end since trust was lost. */
  private isMeasured = false;
  /** Looks since then, Infinity when settled: they come less and less often. */
  private looks = 0;
  private unanswered = 0;
  private endedAt = Number.NEGATIVE_INFINITY;
  /** When a message last contradicted what was measured. */
  private contradictedAt = Number.NEGATIVE_INFINITY;
  private cancelPause: () => void = () => {};
  private told = '';
  private toldOffset: number | null = null;

  constructor(
    private readonly environment: Environment,
    private readonly options: RoomClockOptions,
  ) {
    this.watch = new SleepWatch(environment, {
      jumped: (byMs) => this.distrust(byMs),
      woke: (how) => this.wake(how === 'wake' ? CHECK_SAMPLES : BACKGROUND_SAMPLES),
    });
    this.told = this.meaning();
  }

  get isSynchronised(): boolean {
    return this.clock.isBounded || this.isSyncing;
  }

  get isSyncing(): boolean {
    return this.clock.isDistrusted && !this.needsTicks;
  }

  get errorMs(): number | null {
    return this.clock.errorMs(this.environment.nowMs());
  }

  get samples(): number {
    return this.clock.samples;
  }

  serverNow(): number | null {
    const nowMs = this.environment.nowMs();
    const offset = this.clock.offset(nowMs);
    return offset === null ? null : nowMs + offset;
  }

  start(): void {
    this.watch.start();
    this.isRunning = true;
    this.unanswered = 0;
    this.measureAnew(CHECK_SAMPLES);
  }

  stop(): void {
    this.isRunning = false;
    this.watch.stop();
    this.cancel();
  }

  add(sample: ClockSample): void {
    this.watch.look();
    this.take(sample);
    this.tell();
  }

  hear(serverNow: number): void {
    this.watch.look();
    const nowMs = this.environment.nowMs();
    // A gateway whose clock is behind that of the messages would be measured anew at each of them.
    const isKnown = this.clock.isBounded && nowMs - this.contradictedAt < SETTLED_PAUSE_MS;
    if (!isKnown && this.clock.hear(serverNow, nowMs) === 'moved') {
      this.contradictedAt = nowMs;
      this.forget();
    }
    this.tell();
  }

  /** Takes a sample in; one that contradicts what is known makes a whole round necessary. */
  private take(sample: ClockSample): void {
    const taken = this.clock.add(sample);
    if (taken === 'refused') return;
    if (taken === 'moved') this.measured = [];
    this.measured.push(boundsOf(sample));
    if (this.measured.length > KEPT_SAMPLES) this.measured.shift();
    if (taken === 'moved' && this.isMeasured) this.forget();
  }

  private distrust(jumpMs: number): void {
    this.clock.distrust(this.environment.nowMs(), jumpMs);
    this.measured = [];
    this.forget();
    this.tell();
  }

  private forget(): void {
    this.isMeasured = false;
    this.looks = 0;
    if (this.isRunning) this.measureAnew(CHECK_SAMPLES);
  }

  private wake(samples: number): void {
    if (this.round !== null || this.environment.nowMs() - this.endedAt < QUIET_MS) return;
    this.measureAnew(samples);
  }

  /** Begins a round, instead of one under way: a whole one, or a look if the clock is known. */
  private measureAnew(samples: number): void {
    this.cancel();
    const limit = this.isMeasured ? samples : MAX_SAMPLES;
    const round = new SamplingRound(this.environment, {
      measure: this.options.measure,
      limit,
      taken: (sample) => this.takeOfRound(sample),
      ended: (answered, failed) => this.roundEnded(limit, answered, failed),
    });
    this.round = round;
    round.begin();
  }

  private takeOfRound(sample: ClockSample): boolean {
    this.unanswered = 0;
    this.needsTicks = false;
    this.watch.look();
    this.take(sample);
    this.tell();
    return !this.isMeasured && this.isSettled;
  }

  private get isSettled(): boolean {
    return isSettled(this.measured, this.errorMs);
  }

  private roundEnded(limit: number, answered: number, failed: number): void {
    this.round = null;
    this.endedAt = this.environment.nowMs();
    if (answered === 0) {
      if (failed >= HOPELESS) this.needsTicks = true;
      this.pause(retryMs(this.unanswered++), CHECK_SAMPLES);
    } else {
      if (limit === MAX_SAMPLES) this.isMeasured = true;
      if (this.isSettled) this.looks = Number.POSITIVE_INFINITY;
      this.pause(pauseMs(this.looks++, this.measured), BACKGROUND_SAMPLES);
    }
    this.tell(true);
  }

  private pause(forMs: number, samples: number): void {
    this.cancelPause = this.environment.setTimer(() => this.measureAnew(samples), forMs);
  }

  private cancel(): void {
    this.cancelPause();
    this.round?.cancel();
    this.round = null;
  }

  private meaning(): string {
    return `${this.isSynchronised} ${this.needsTicks} ${this.isSyncing} ${this.errorMs === null}`;
  }

  /** Tells of the estimate if it moved, and of what the readings mean if that changed or if it `must`. */
  private tell(must = false): void {
    const offset = this.clock.offset(this.environment.nowMs());
    const movedMs = Math.abs((offset ?? 0) - (this.toldOffset ?? Number.POSITIVE_INFINITY));
    if (offset !== null && movedMs > MOVED_MS) {
      this.toldOffset = offset;
      this.options.onMove?.();
    }
    const meaning = this.meaning();
    if (meaning === this.told && !must) return;
    this.told = meaning;
    this.options.onChange();
  }
}
