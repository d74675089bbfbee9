import type { End } from '../client.types.js';
import type { ClockSample } from '../clock/clock.types.js';
import type { Environment } from '../environment.js';
import { QuizbellError } from '../quizbell.error.js';
import type { ClientEventInput, Role } from '../wire.types.js';
import { type Connection, NO_ANSWER } from './connection.js';
import type { TokenKeeper } from './token.keeper.js';
import { type Joined, readJoined, readReply, unreadable } from './wire.reader.js';

export interface EntranceOptions {
  readonly pin: string | undefined;
  readonly name: string | undefined;
  readonly keeper: TokenKeeper;
  readonly environment: Environment;
  /** Whether to ask the server for ticks. */
  readonly wantsTicks: () => boolean;
}

/** What a `room:join` came to. */
export type Arrival =
  | {
      readonly kind: 'joined';
      readonly joined: Joined;
      readonly hasTicks: boolean;
      readonly sample: ClockSample;
    }
  /** To be asked again; `isAtOnce`: in another way, by another connection. */
  | { readonly kind: 'retry'; readonly error: QuizbellError | null; readonly isAtOnce?: boolean }
  | { readonly kind: 'ended'; readonly end: End };

/** A new player whose acknowledgement is lost asks once more on the same connection: elsewhere it would be one more player. */
const TRIES_BY_PIN = 2;

const NO_WAY_IN: Arrival = {
  kind: 'ended',
  end: {
    reason: 'refused',
    error: new QuizbellError({
      code: 'invalid_payload',
      message: 'There is neither a PIN nor a token.',
      retryable: false,
      field: 'pin',
    }),
  },
};

/** Asks to be let into the room: by the token if there is one, else by PIN and name; knows which refusals are for good. */
export class Entrance {
  private role: Role | null = null;
  private unauthorized = 0;
  private hasRenewed = false;

  constructor(private readonly options: EntranceOptions) {}

  /** Asks on this connection; on one that is in the room already, for the state. Never rejects. */
  async ask(connection: Connection, timeoutMs?: number): Promise<Arrival> {
    const { keeper, environment, pin, name, wantsTicks } = this.options;
    const token = await keeper.token();
    if (token === null && pin === undefined) return NO_WAY_IN;
    const hasTicks = wantsTicks();
    const payload: ClientEventInput<'room:join'> = {
      ...(pin === undefined ? {} : { pin }),
      ...(token === null ? (name === undefined ? {} : { name }) : { token }),
      ticks: hasTicks,
    };
    for (let tries = token === null ? TRIES_BY_PIN : 1; tries > 0; tries--) {
      const sentAt = environment.nowMs();
      const answer = await connection.request('room:join', payload, { timeoutMs });
      if (answer === NO_ANSWER) continue;
      const receivedAt = environment.nowMs();
      const reply = readReply(answer);
      if (!reply.ok) return this.judge(reply.error, token);
      const joined = readJoined(reply.fields);
      if (joined === null) return { kind: 'ended', end: { reason: 'refused', error: unreadable() } };
      this.role = joined.role;
      this.unauthorized = 0;
      void keeper.keep(joined.token, joined.roomId);
      const sample = { sentAt, serverNow: joined.snapshot.serverNow, receivedAt };
      return { kind: 'joined', joined, hasTicks, sample };
    }
    return { kind: 'retry', error: null };
  }

  private judge(error: QuizbellError, token: string | null): Arrival {
    // A server that failed once need not fail again.
    if (error.retryable || error.code === 'internal') return { kind: 'retry', error };
    const refused: Arrival = { kind: 'ended', end: { reason: 'refused', error } };
    if (token === null) return refused;
    const { code } = error;
    if (code !== 'unauthorized' && code !== 'room_not_found' && code !== 'forbidden') return refused;
    if (this.role !== null && code === 'room_not_found') {
      return this.forgetful({ kind: 'ended', end: { reason: 'room-closed', by: null } });
    }
    if (this.role !== null && code === 'unauthorized') {
      // Also said to a connection whose seat another one has just taken; only a second one says it of the token.
      this.unauthorized += 1;
      if (this.unauthorized < 2) return { kind: 'retry', error };
    }
    if (this.options.keeper.isGiven(token)) return refused;
    return this.forgetful(code !== 'forbidden' && this.mayRenew ? this.renewal(error) : refused);
  }

  /** Whether a new player by the PIN is what this member would be anyway. */
  private get mayRenew(): boolean {
    const { pin } = this.options;
    return pin !== undefined && !this.hasRenewed && (this.role === null || this.role === 'player');
  }

  private renewal(error: QuizbellError): Arrival {
    this.hasRenewed = true;
    return { kind: 'retry', error, isAtOnce: true };
  }

  private forgetful(arrival: Arrival): Arrival {
    void this.options.keeper.forget();
    return arrival;
  }
}
