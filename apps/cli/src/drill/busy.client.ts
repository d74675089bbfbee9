import type { OwnAnswer, Snapshot } from '#libs/protocol';
import { type MemberListener, QuizMember, type ServerEvent } from '../demo/quiz.member.js';
import type { ServerClock } from '../demo/server.clock.js';
import type { PromiseChecker } from './promise.checker.js';

export interface BusyClientOptions {
  /** Known to the checker by it, and unique in the drill. */
  readonly name: string;
  readonly urls: readonly string[];
  readonly home: number;
  readonly pin: string;
  readonly token?: string;
  readonly ticks: boolean;
  readonly checker: PromiseChecker;
  readonly clock: ServerClock;
  /** Told of each state that it adopts. */
  readonly onAdopted?: (state: Snapshot) => void;
  readonly onJoined?: (snapshot: Snapshot, answer: OwnAnswer | undefined) => void;
  readonly onClosed?: (closing: Snapshot) => void;
}

// Design section 5, "Missed events".
const ASK_AFTER_MS = 1_000;
const ASK_JITTER_MS = 1_000;

/** A well-behaved client: it adopts by version, and asks when a deadline passes without a word. It tells the checker all. */
export class BusyClient implements MemberListener {
  readonly member: QuizMember;
  state: Snapshot | undefined;
  private readonly options: BusyClientOptions;
  private askTimer: NodeJS.Timeout | undefined;
  private readonly waiting = new Set<() => void>();
  private isOver = false;

  constructor(options: BusyClientOptions) {
    this.options = options;
    const { checker: _, clock: __, onAdopted: ___, onClosed: ____, onJoined: _____, ...member } = options;
    this.member = new QuizMember({ ...member, listener: this });
  }

  onConnecting(name: string): void {
    this.options.checker.connecting(name);
  }

  onJoined(name: string, snapshot: Snapshot, answer?: OwnAnswer): void {
    this.options.onJoined?.(snapshot, answer);
    this.options.checker.joined(name, snapshot, this.now());
    this.adopt(snapshot);
  }

  onDropped(name: string): void {
    this.options.checker.dropped(name);
  }

  onEvent(name: string, heard: ServerEvent): void {
    const { checker, clock } = this.options;
    switch (heard.event) {
      case 'question:tick':
        checker.heardTick(name, heard.payload, clock.at(heard.receivedAt));
        this.adopt(heard.payload);
        break;
      case 'question:started':
      case 'question:opened':
      case 'question:paused':
      case 'question:resumed':
      case 'question:extended':
      case 'question:closed': {
        const heardAt = { at: clock.at(heard.receivedAt), latestAt: clock.latestAt(heard.receivedAt) };
        checker.heard(name, heard.event, heard.payload, heardAt);
        if (heard.event === 'question:closed') this.options.onClosed?.(heard.payload);
        this.adopt(heard.payload);
        break;
      }
      case 'room:state':
        checker.toldOfGap(name, heard.payload.snapshot);
        this.adopt(heard.payload.snapshot);
        break;
      case 'room:closed':
      case 'room:presence':
      case 'answers:count':
      case 'server:draining':
      case 'member:removed':
        break; // they say nothing of a deadline
      default:
        heard satisfies never;
    }
  }

  onMalformed(name: string, event: string): void {
    throw new Error(`${name} heard a ${event} that does not fit the contract`);
  }

  /** A state from an event or an acknowledgement; an older one is ignored. */
  adopt(snapshot: Snapshot): void {
    if (this.state !== undefined && snapshot.version < this.state.version) return;
    this.state = snapshot;
    clearTimeout(this.askTimer);
    if (isLive(snapshot)) {
      const waitMs = (snapshot.endsAt ?? 0) - this.now() + ASK_AFTER_MS + Math.random() * ASK_JITTER_MS;
      this.askLater(waitMs);
    }
    for (const look of this.waiting) look();
    this.options.onAdopted?.(snapshot);
  }

  /** Asks for the state, and adopts it. @throws Error if it is not connected or not answered */
  async ask(): Promise<void> {
    const snapshot = await this.member.resync();
    this.options.checker.asked(this.options.name, snapshot);
    this.adopt(snapshot);
  }

  /** Resolves when that run is no longer live, as far as this client was told. */
  untilOver(runId: number | null): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        const { state } = this;
        if (!this.isOver && (state === undefined || (state.runId === runId && isLive(state)))) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
  }

  close(): void {
    this.isOver = true;
    clearTimeout(this.askTimer);
    this.member.close();
    for (const look of this.waiting) look();
  }

  private askLater(waitMs: number): void {
    this.askTimer = setTimeout(
      () => {
        if (this.isOver) return;
        // Unanswered, or still live: a fault is on, and it asks again. Not joined: the join will tell.
        const again = () => this.askLater(ASK_AFTER_MS + Math.random() * ASK_JITTER_MS);
        if (this.member.isJoined) this.ask().catch(again);
        else again();
      },
      Math.max(0, waitMs),
    );
  }

  private now(): number {
    return this.options.clock.at(performance.now());
  }
}

const isLive = ({ phase }: Snapshot): boolean =>
  phase === 'open' || phase === 'lead-in' || phase === 'paused';
