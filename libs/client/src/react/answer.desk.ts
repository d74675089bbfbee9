import { type AnswerResult, QuizbellError, type Room } from '#libs/client';

/** How the answer to the current run stands. */
export interface AnswerView {
  readonly isPending: boolean;
  /** What counts: an accepted answer stays also when a later one is refused. An earlier one of before a refresh is here, too. */
  readonly result: AnswerResult | null;
  /** Why the last answer could not be judged. */
  readonly error: QuizbellError | null;
}

export const NO_ANSWER: AnswerView = { isPending: false, result: null, error: null };

/** What this desk did for one run. */
interface Entry {
  readonly runId: number | null;
  pending: Promise<AnswerResult | null> | null;
  result: AnswerResult | null;
  error: QuizbellError | null;
  /** Whether what the room knows is not to be shown until something is sent again. */
  isReset: boolean;
}

const entryOf = (runId: number | null, isReset: boolean): Entry => ({
  runId,
  pending: null,
  result: null,
  error: null,
  isReset,
});

const errorOf = (error: unknown): QuizbellError =>
  error instanceof QuizbellError
    ? error
    : new QuizbellError({ code: 'internal', message: String(error), retryable: false });

/** Sends the answers of a component, one at a time for each run, and forgets them when a new run begins. */
export class AnswerDesk {
  readonly #room: Room | null;
  #entry = entryOf(null, false);
  #view = NO_ANSWER;
  readonly #listeners = new Set<() => void>();

  constructor(room: Room | null) {
    this.#room = room;
  }

  /** The same object until something changed. */
  readonly view = (): AnswerView => {
    const next = this.#now();
    const { isPending, result, error } = this.#view;
    if (next.isPending !== isPending || next.result !== result || next.error !== error) this.#view = next;
    return this.#view;
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    const stop = this.#room?.subscribe(listener);
    return () => {
      this.#listeners.delete(listener);
      stop?.();
    };
  };

  /** See `Answering`. */
  readonly submit = (choice: unknown): Promise<AnswerResult | null> => {
    const room = this.#room;
    if (room === null) return Promise.resolve(null);
    const before = this.#current();
    if (before.pending !== null) return before.pending;
    const entry: Entry = { ...before, error: null, isReset: false };
    this.#entry = entry;
    entry.pending = this.#sent(room, choice, entry);
    this.#tell();
    return entry.pending;
  };

  /** See `Answering`. */
  readonly reset = (): void => {
    this.#entry = entryOf(this.#runId(), true);
    this.#tell();
  };

  async #sent(room: Room, choice: unknown, entry: Entry): Promise<AnswerResult | null> {
    let result: AnswerResult | null = null;
    try {
      result = await room.answer(choice);
      if (entry.result?.verdict !== 'accepted' || result.verdict === 'accepted') entry.result = result;
    } catch (error) {
      entry.error = errorOf(error);
    }
    entry.pending = null;
    this.#tell();
    return result;
  }

  #runId(): number | null {
    return this.#room?.state.question?.runId ?? null;
  }

  #current(): Entry {
    const runId = this.#runId();
    return this.#entry.runId === runId ? this.#entry : entryOf(runId, false);
  }

  #now(): AnswerView {
    const { pending, result, error, isReset } = this.#current();
    return { isPending: pending !== null, result: isReset ? null : this.#standing(result), error };
  }

  /** The room's own knowledge comes from joins, too; what it knows as accepted is not undone by a refused change. */
  #standing(result: AnswerResult | null): AnswerResult | null {
    const known = this.#room?.state.answer ?? null;
    const earlier = known?.runId === this.#runId() ? known : null;
    if (result === null) return earlier;
    if (earlier?.verdict !== 'accepted') return result;
    const isNewer = result.verdict === 'accepted' && result.receivedAt >= earlier.receivedAt;
    return isNewer ? result : earlier;
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
