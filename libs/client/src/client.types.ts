import type { Environment } from './environment.js';
import type { QuizbellError } from './quizbell.error.js';
import type {
  ClientEventInput,
  Judgement,
  Member,
  OwnAnswer,
  RemovalReason,
  Role,
  RoomCloseReason,
  ServerEventName,
  ServerEventPayload,
  Snapshot,
} from './wire.types.js';

/** Where a member's token is kept, so that a reload or a restart gets the same place back. Values are opaque strings. */
export interface TokenStorage {
  get(key: string): string | null | Promise<string | null>;
  set(key: string, token: string): void | Promise<void>;
  remove(key: string): void | Promise<void>;
}

/** How to get into a room, and what to do on the way. */
export interface RoomOptions {
  /** Of the gateways, `http(s)://host[:port]`; with several, the next one is tried when one does not answer. */
  readonly url: string | readonly string[];
  /** Six digits: makes a new player, unless `storage` has a token for this room. */
  readonly pin?: string;
  /** Of a host, a screen, or of an earlier join; comes before the one in `storage`. */
  readonly token?: string;
  /** 1-32 characters; the server tells apart who has the same. */
  readonly name?: string;
  /** Default: in memory, gone with the page. */
  readonly storage?: TokenStorage;
  /** `auto` (default): asks for ticks only as long as the clock cannot be synchronised. */
  readonly ticks?: 'auto' | 'always' | 'never';
  /** How long one attempt to send a command waits for its acknowledgement, milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** Clock, timers, frames and wake-ups of the platform; given by tests. */
  readonly environment?: Environment;
}

/**
 * - `connecting`: not in the room yet.
 * - `joined`: in the room.
 * - `reconnecting`: was in the room, lost the connection, and is coming back by itself.
 * - `ended`: for good, see `RoomState.end`.
 */
export type Connection = 'connecting' | 'joined' | 'reconnecting' | 'ended';

/** Why a room has ended for this member: `left` by itself, put out, the room is over, or the join was `refused`. */
export type End =
  | { readonly reason: 'left' }
  | { readonly reason: RemovalReason }
  | { readonly reason: 'room-closed'; readonly by: RoomCloseReason | null }
  | { readonly reason: 'refused'; readonly error: QuizbellError };

/** Who this is in the room. */
export interface Me {
  readonly roomId: string;
  readonly pin: string;
  readonly playerId: string;
  readonly role: Role;
  /** As the server gave it: somebody else may have had the name that was asked for. */
  readonly name: string;
}

/** What is known of the server's clock. */
export interface ClockState {
  /** Whether the countdown is drawn from the server's clock; else from the last message, which is older by its way here. */
  readonly isSynchronised: boolean;
  /** How far the countdown may be from the truth at most, either way, milliseconds; null before the first measurement and while measuring anew. */
  readonly errorMs: number | null;
  /** Measurements in use. */
  readonly samples: number;
  /** Whether the server was asked for ticks. */
  readonly hasTicks: boolean;
}

/** All that a member knows, as one immutable value: a new object whenever something of it changed. */
export interface RoomState {
  readonly connection: Connection;
  /** Joined, but what is shown may be old: asked for the state again, or measuring the clock anew after a sleep. */
  readonly isSyncing: boolean;
  readonly end: End | null;
  /**
   * Why the server does not let this member in yet, such as `rate_limited`; it is asked again by itself. Null if it was not
   * asked, did not answer, or has let the member in.
   */
  readonly refusal: QuizbellError | null;
  readonly me: Me | null;
  /** The newest state of the room's question, with `content` also after ticks; null before the first join. */
  readonly question: Snapshot | null;
  /** A player's own answer to the current run, with its verdict. */
  readonly answer: OwnAnswer | null;
  readonly presence: ServerEventPayload<'room:presence'> | null;
  /** How many players have answered the current question; told to hosts and screens only. */
  readonly answersCount: number | null;
  readonly clock: ClockState;
}

/** The events of a room that an app may listen to. */
export type RoomEventName = Exclude<ServerEventName, 'server:draining'>;

/** What a countdown shows at an instant. */
export interface Countdown {
  readonly phase: Snapshot['phase'];
  /** What is left, milliseconds with fractions, at least 0; null while idle. Before the opening: all of it. */
  readonly remainingMs: number | null;
  /** `remainingMs` as people count it: rounded up, so it says 0 at the deadline and not a second before; null while idle. */
  readonly seconds: number | null;
  /** With extensions, milliseconds; null while idle. */
  readonly durationMs: number | null;
  /** From the lead-in to the opening, milliseconds with fractions; null in every other phase. */
  readonly opensInMs: number | null;
}

/** When a countdown's listener is called: for each animation frame, or when `seconds`, the phase or the opening's whole second change. */
export interface CountdownOptions {
  readonly every?: 'frame' | 'second';
}

/** A judged answer and what it was an answer to. */
export interface AnswerResult extends Judgement {
  readonly questionId: string;
  /** What was chosen; JSON. */
  readonly choice: unknown;
}

/** Of `question:start`, without `commandId`, which the room makes. */
export type StartQuestion = Omit<ClientEventInput<'question:start'>, 'commandId'>;

/**
 * A member's place in a room, from the first connection to the end. It comes back by itself after drops, on any gateway, and
 * adopts a state only if it is not older than the one that it has. All commands are sent again, with the same id, until they
 * are answered, for 15 s, answers for 30 s; they reject with `QuizbellError`, with `unavailable` if it is unknown what became of
 * them. At most 16 wait for a connection; more are refused with `rate_limited`.
 */
export interface Room {
  /** Always the same object until something changes, so that it can be compared. */
  readonly state: RoomState;
  /** Calls `listener` after each change of `state`. Returns how to stop. */
  subscribe(listener: () => void): () => void;
  /**
   * Calls `handler` once for each event of the room, in the order of versions, never twice for the same one. `question:closed` is
   * told once for each run, also when the closing was missed and is only learned from a state: then the payload is that state. The
   * other events are told only if they come; who must know of every change watches `state`. Returns how to stop.
   */
  on<E extends RoomEventName>(event: E, handler: (payload: ServerEventPayload<E>) => void): () => void;

  /** What is left of the question at this instant, milliseconds with fractions, at least 0; null while idle. */
  remainingMs(): number | null;
  /** The server's instant, epoch milliseconds with fractions; null before the first join. */
  serverNow(): number | null;
  /** The countdown at this instant. */
  countdown(): Countdown;
  /** Calls `listener` at once and then as `options` say (default: per second). Never runs backwards unless the host added time. Returns how to stop. */
  onCountdown(listener: (countdown: Countdown) => void, options?: CountdownOptions): () => void;

  /** A player's answer to the current question. Resolves with the verdict, whatever it is. */
  answer(
    choice: unknown,
    options?: { readonly questionId?: string; readonly answerId?: string },
  ): Promise<AnswerResult>;

  start(question: StartQuestion): Promise<Snapshot>;
  pause(): Promise<Snapshot>;
  resume(): Promise<Snapshot>;
  /** Moves the deadline, milliseconds, either way. */
  extend(byMs: number): Promise<Snapshot>;
  stop(): Promise<Snapshot>;
  roster(options?: { readonly away?: boolean }): Promise<readonly Member[]>;
  kick(playerId: string, options?: { readonly ban?: boolean }): Promise<void>;
  /** Closes the room for everybody. */
  close(): Promise<void>;

  /** Leaves the room, forgets the token and ends the connection. */
  leave(): Promise<void>;
  /** Ends the connection; the token stays in `storage`. */
  disconnect(): void;
}
