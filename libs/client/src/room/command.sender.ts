import { LIMITS } from '#libs/protocol/wire';
import type { Environment } from '../environment.js';
import { QuizbellError } from '../quizbell.error.js';
import type { ClientEventInput, ClientEventName } from '../wire.types.js';
import { type Connection, NO_ANSWER } from './connection.js';
import { type Fields, readReply } from './wire.reader.js';

export interface CommandSenderOptions {
  readonly environment: Environment;
  /** The connection that is in the room; null while there is none. */
  readonly current: () => Connection | null;
}

export interface SendOptions {
  /** For how long it is sent again until it is answered. */
  readonly lifeMs: number;
  /** A refusal that says, of a command that was sent before, that it has been done. */
  readonly isDone?: (error: QuizbellError) => boolean;
}

/** More than this wait for a connection: an app that sends without looking must not send all of it later, at once. */
const MOST_WAITING = 16;
/** After a refusal that does not say when to ask again: this, doubled with each one. */
const FIRST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 3_000;

/**
 * Sends commands until they are answered: again after a timeout, a drop and a refusal that may pass, always the same payload
 * with the same id. While there is no connection a command waits, and is given up at the end of its life.
 */
export class CommandSender {
  /** Wake what waits for a connection. */
  private readonly waiting = new Set<() => void>();
  /** Wake what waits for the time to ask again. */
  private readonly pausing = new Set<() => void>();
  private ended: QuizbellError | null = null;

  constructor(private readonly options: CommandSenderOptions) {}

  /**
   * @returns the fields of the acknowledgement
   * @throws QuizbellError when it was refused for good, cannot be sent at all, or was not answered in its life (`unavailable`:
   *   it may have been done)
   */
  async send<E extends ClientEventName>(
    event: E,
    payload: ClientEventInput<E>,
    { lifeMs, isDone }: SendOptions,
  ): Promise<Fields> {
    mustBeSendable(payload);
    const untilMs = this.nowMs + lifeMs;
    let refusal: QuizbellError | null = null;
    let mayBeDone = false;
    for (let refusals = 0; this.nowMs < untilMs; ) {
      if (this.ended !== null) throw this.ended;
      const connection = this.options.current();
      if (connection === null) {
        await this.waitForConnection(untilMs, mayBeDone);
        continue;
      }
      const answer = await connection.request(event, payload);
      if (answer === NO_ANSWER) {
        mayBeDone = true;
        // What it was refused with before says nothing of this time.
        refusal = null;
        // What closed the connection may not have been told to everybody yet.
        if (!connection.isOpen && this.options.current() === connection)
          await this.waitForConnection(untilMs, mayBeDone);
        continue;
      }
      const reply = readReply(answer);
      if (reply.ok) return reply.fields;
      refusal = reply.error;
      if (mayBeDone && isDone?.(refusal)) return {};
      if (!refusal.retryable) throw refusal;
      refusals += 1;
      const pauseMs = refusal.retryAfterMs ?? Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (refusals - 1));
      if (this.nowMs + pauseMs >= untilMs) throw refusal;
      // Unknown is what `unavailable` means; the others did nothing.
      if (refusal.code === 'unavailable') mayBeDone = true;
      await this.pause(pauseMs, this.pausing);
    }
    throw this.ended ?? refusal ?? unavailable(`${event} was not answered.`);
  }

  /** There is a connection in the room: what waited is sent on. */
  resume(): void {
    for (const wake of [...this.waiting]) wake();
  }

  /** Rejects whatever is waiting, and everything from now on. */
  stop(error: QuizbellError): void {
    this.ended = error;
    this.resume();
    for (const wake of [...this.pausing]) wake();
  }

  private async waitForConnection(untilMs: number, mayBeDone: boolean): Promise<void> {
    // A refusal would say that it was not done.
    if (!mayBeDone && this.waiting.size >= MOST_WAITING) {
      throw new QuizbellError({
        code: 'rate_limited',
        message: 'Too many commands are waiting for a connection.',
        retryable: true,
      });
    }
    await this.pause(untilMs - this.nowMs, this.waiting);
  }

  private pause(forMs: number, among: Set<() => void>): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancelTimer();
        among.delete(wake);
        resolve();
      };
      const cancelTimer = this.options.environment.setTimer(wake, forMs);
      among.add(wake);
    });
  }

  private get nowMs(): number {
    return this.options.environment.nowMs();
  }
}

/**
 * Refuses here what no gateway could read. One that is sent more than it takes at all ends the connection; and whatever is
 * under way with it would be sent again over the next one, only to be cut again.
 */
function mustBeSendable(payload: object): void {
  const refuse = (code: 'invalid_payload' | 'too_large', message: string): never => {
    throw new QuizbellError({ code, message, retryable: false });
  };
  let frame = '';
  try {
    frame = JSON.stringify(payload);
  } catch (error) {
    refuse('invalid_payload', `This cannot be sent as JSON: ${error}`);
  }
  // In UTF-16 units, of which there are never more than bytes: the gateway itself refuses what is a little too large.
  if (frame.length > LIMITS.frameBytes)
    refuse('too_large', `A frame may have at most ${LIMITS.frameBytes} bytes.`);
}

/** No gateway answered in time: whether it was done is unknown. */
export function unavailable(message: string): QuizbellError {
  return new QuizbellError({ code: 'unavailable', message, retryable: true });
}
