import type { ForeignSpan } from './trace.ids.js';

/** Something that was done for a run, told when it is over. */
export interface RunSpan {
  /** `question:start`, `commit`, `deliver question:closed`. */
  readonly name: string;
  readonly roomId: string;
  readonly runId: number;
  /** Absent where only the run is known. */
  readonly questionId?: string;
  readonly version?: number;
  /** `server`: for a client that waits; `client`: a call to Redis; `consumer`: a broadcast that came. */
  readonly kind: 'server' | 'client' | 'consumer' | 'internal';
  /** How long it took, until now (ms). */
  readonly tookMs: number;
  /** The start of the run itself: the one span that the others hang below. */
  readonly isRoot?: boolean;
  /** What asked for it, in a trace of its own. */
  readonly askedBy?: ForeignSpan;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** Tells the traces of runs. Its methods do not throw, but for `close` return at once, and cost a run nothing that waits. */
export interface RunTraces {
  /** A run's trace, for the log. */
  traceId(roomId: string, runId: number): string;
  tell(span: RunSpan): void;
  /** Sends what is left, for a second at most. */
  close(): Promise<void>;
}
