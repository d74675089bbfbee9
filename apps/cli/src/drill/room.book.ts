import { type ClientRecord, type Told } from './client.record.js';

/** A run's record as Redis keeps it. */
export interface RecordSeen {
  readonly endsAt: number | null;
  readonly closedAt: number | null;
  readonly reason: string | null;
  /** All of it, to see whether it changes. */
  readonly text: string;
  /** When its outcome was fixed. */
  readonly settledAt: string | null;
}

/** One run, as all witnesses together know it. */
export interface RunFacts {
  readonly roomId: string;
  readonly runId: number;
  opensAt: number | null;
  /** The deadline of the highest version that anybody was told of. */
  endsAt: number;
  /** That version. */
  version: number;
  /** Its closings by version, and how often Redis published each. Should be one, once. */
  readonly closings: Map<number, number>;
  /** The first closing that anybody heard. */
  closing: Told | undefined;
  /** Its record after it closed, as first seen. */
  record: RecordSeen | undefined;
  /** When to look at its record next. */
  lookAt: number;
  /** Told already: no second finding for the same. */
  readonly reported: Set<string>;
  isDone: boolean;
}

/** A run is expected to be closed in Redis so long after its deadline, when no fault is on (ms). */
export const FIRST_LOOK_MS = 1_500;
const KEPT_RUNS = 40; // a closing that comes again after so many questions is out of order anyway

/** One room of the drill: its clients, its state and its latest runs. */
export class RoomBook {
  readonly clients: readonly ClientRecord[];
  readonly runs = new Map<number, RunFacts>();
  /** The newest state that anybody was told of. */
  state: Told | undefined;
  private highestPublished = -1;

  constructor(
    readonly roomId: string,
    clients: readonly ClientRecord[],
  ) {
    this.clients = clients;
  }

  /** Adopts what somebody was told, if it is not older, and gives the run that it speaks of. */
  note(told: Told): RunFacts | undefined {
    if (this.state === undefined || told.version >= this.state.version) this.state = told;
    if (told.runId === null) return undefined;
    const run = this.runs.get(told.runId) ?? this.addRun(told, told.runId);
    // A closing says which deadline held; whether that was the one in force is what is to be checked.
    if (told.version > run.version && told.phase !== 'closed') {
      run.version = told.version;
      run.endsAt = told.endsAt ?? run.endsAt;
      run.opensAt = told.opensAt ?? run.opensAt;
      if (run.record === undefined) run.lookAt = run.endsAt + FIRST_LOOK_MS;
    }
    return run;
  }

  /** Whether a publication of that version follows those before it. */
  isInOrder(version: number): boolean {
    if (version < this.highestPublished) return false;
    this.highestPublished = version;
    return true;
  }

  /** How long a question was open between these instants. */
  openMsBetween(fromAt: number, toAt: number): number {
    let openMs = 0;
    for (const { opensAt, endsAt, closing } of this.runs.values()) {
      if (opensAt === null) continue;
      const until = Math.min(endsAt, closing?.closedAt ?? endsAt, toAt);
      openMs += Math.max(0, until - Math.max(opensAt, fromAt));
    }
    return openMs;
  }

  /**
   * Whether a run was not heard to close. The state does not tell: a gateway answers whoever asks with the state as it is
   * at that instant, so it says `closed` after a deadline that nobody has acted on.
   */
  get hasLiveRun(): boolean {
    return [...this.runs.values()].some(({ closing, isDone }) => closing === undefined && !isDone);
  }

  /** Whether a question is open at that instant, and has been for `sinceMs`. */
  isOpenAt(at: number, sinceMs: number): boolean {
    const { state } = this;
    if (state === undefined || (state.phase !== 'open' && state.phase !== 'lead-in')) return false;
    return (
      state.opensAt !== null && state.opensAt + sinceMs <= at && state.endsAt !== null && at < state.endsAt
    );
  }

  private addRun(told: Told, runId: number): RunFacts {
    const endsAt = told.endsAt ?? told.serverNow;
    const run: RunFacts = {
      roomId: this.roomId,
      runId,
      opensAt: told.opensAt,
      endsAt,
      version: told.version,
      closings: new Map(),
      closing: undefined,
      record: undefined,
      lookAt: endsAt + FIRST_LOOK_MS,
      reported: new Set(),
      isDone: false,
    };
    this.runs.set(runId, run);
    for (const [oldest, { isDone }] of this.runs) {
      if (this.runs.size <= KEPT_RUNS) break;
      if (isDone) this.runs.delete(oldest);
    }
    return run;
  }
}
