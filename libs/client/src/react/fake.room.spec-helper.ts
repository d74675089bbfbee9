import type {
  AnswerResult,
  Countdown,
  CountdownOptions,
  OwnAnswer,
  Room,
  RoomEventName,
  RoomState,
  ServerEventPayload,
  Snapshot,
} from '#libs/client';
import { NO_ROOM } from './room.slot.js';

const IDLE: Snapshot = {
  roomId: 'r1',
  questionId: null,
  runId: null,
  version: 1,
  phase: 'idle',
  opensAt: null,
  endsAt: null,
  remainingMs: null,
  durationMs: null,
  graceMs: null,
  tickMs: null,
  serverNow: 1_000,
};

interface Sent {
  readonly choice: unknown;
  resolve(verdict: Partial<AnswerResult>): void;
  reject(error: unknown): void;
}

const notAsked = (): never => {
  throw new Error('The hooks have no use for it.');
};

/** A room that does what a test says. */
export class FakeRoom implements Room {
  state: RoomState = { ...NO_ROOM.state, question: IDLE };
  shown: Countdown = { phase: 'idle', remainingMs: null, seconds: null, durationMs: null, opensInMs: null };
  disconnects = 0;
  readonly sent: Sent[] = [];
  readonly countdowns: { listener: (countdown: Countdown) => void; every: string }[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #handlers = new Map<RoomEventName, Set<(payload: never) => void>>();

  readonly start = notAsked;
  readonly pause = notAsked;
  readonly resume = notAsked;
  readonly extend = notAsked;
  readonly stop = notAsked;
  readonly roster = notAsked;
  readonly kick = notAsked;
  readonly close = notAsked;
  readonly leave = notAsked;
  readonly remainingMs = notAsked;
  readonly serverNow = notAsked;

  /** How many listen to anything. */
  get listeners(): number {
    const handlers = [...this.#handlers.values()].reduce((sum, { size }) => sum + size, 0);
    return this.#listeners.size + this.countdowns.length + handlers;
  }

  change(change: Partial<RoomState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }

  /** A run has begun. */
  run(runId: number, answer: OwnAnswer | null = null): void {
    const question: Snapshot = { ...IDLE, phase: 'open', questionId: `q${runId}`, runId };
    this.change({ question, answer });
  }

  /** Another instant has come, or the host did something. */
  show(remainingMs: number | null, more: Partial<Countdown> = {}): void {
    const seconds = remainingMs === null ? null : Math.ceil(remainingMs / 1_000);
    this.shown = { phase: 'open', remainingMs, seconds, durationMs: 20_000, opensInMs: null, ...more };
    for (const { listener } of [...this.countdowns]) listener(this.shown);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  on<E extends RoomEventName>(event: E, handler: (payload: ServerEventPayload<E>) => void): () => void {
    const handlers = this.#handlers.get(event) ?? new Set();
    this.#handlers.set(event, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  emit<E extends RoomEventName>(event: E, payload: ServerEventPayload<E>): void {
    for (const handler of this.#handlers.get(event) ?? []) handler(payload as never);
  }

  countdown(): Countdown {
    // A new object each time, as of a clock that has moved.
    return { ...this.shown };
  }

  onCountdown(
    listener: (countdown: Countdown) => void,
    { every = 'second' }: CountdownOptions = {},
  ): () => void {
    const entry = { listener, every };
    this.countdowns.push(entry);
    listener(this.countdown());
    return () => {
      this.countdowns.splice(this.countdowns.indexOf(entry), 1);
    };
  }

  answer(choice: unknown): Promise<AnswerResult> {
    const questionId = this.state.question?.questionId ?? '';
    return new Promise((resolve, reject) => {
      this.sent.push({
        choice,
        resolve: (more) =>
          resolve({ verdict: 'accepted', receivedAt: 1_500, elapsedMs: 500, questionId, choice, ...more }),
        reject,
      });
    });
  }

  disconnect(): void {
    this.disconnects += 1;
    this.change({ connection: 'ended', end: { reason: 'left' } });
  }
}
