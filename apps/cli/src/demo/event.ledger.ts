/** An event that moves the room's version, as one member heard it. */
export interface HeardEvent {
  readonly event: string;
  readonly version: number;
  /** `null` for what belongs to no run (`room:closed`). */
  readonly runId: number | null;
}

/** A state that a member was told by a snapshot: of a join, of `room:state`, or of an answer to its asking. */
export interface ToldState {
  readonly version: number;
  readonly runId: number | null;
  readonly phase: string;
  readonly closedAt?: number | undefined;
}

/** An event that has to happen. */
export interface RequiredEvent {
  readonly event: string;
  readonly runId: number | null;
  /** Which version it made, where that is known: a snapshot of that version or a later one tells it. */
  readonly version?: number;
}

/** What the ledger found. Each number counts occurrences over all members, but `doubled`, which counts runs' closings. */
export interface LedgerReport {
  /** Events whose version was lower than one that the member had heard before on the same connection. */
  readonly outOfOrder: number;
  /** The same event and version (or the same tick) twice on one connection. */
  readonly repeated: number;
  /** Events that a member should have heard and did not. */
  readonly missed: number;
  /** Closings of a run beyond its first. */
  readonly doubled: number;
  /** One sentence for each finding, for the eyes of whoever has to explain it; at most 20. */
  readonly findings: readonly string[];
}

/** What one member heard and could have heard. */
interface MemberRecord {
  /** Keys of all that it heard, on whatever connection. */
  readonly heard: Set<string>;
  /** Versions in `(from, to]` that it was told of by a snapshot instead: not missed. */
  readonly excused: (readonly [from: number, to: number])[];
  /** The newest state that it was told by a snapshot. */
  newest: ToldState | undefined;
  /** Once it has joined. */
  isMember: boolean;
  highestHeard: number;
  /** The highest version that it had heard when its connection last ended; -1 before its first join. */
  droppedAtVersion: number;
  /** Of the current connection only: another gateway may send once more what the last one had sent. */
  here: Set<string>;
  highestHere: number;
}

const STARTED = 'question:started';
const OPENED = 'question:opened';
const CLOSED = 'question:closed';
const MAX_FINDINGS = 20; // one broken promise often breaks for every player; the rest says nothing new

const keyOf = ({ event, version }: HeardEvent): string => `${event}@${version}`;

/**
 * Compares what every member of a room heard. It knows no clock and no connection: it is told of joins, drops and events
 * and finds what is out of order, repeated, missed or doubled.
 */
export class EventLedger {
  private readonly members = new Map<string, MemberRecord>();
  /** Every event that anybody heard. */
  private readonly known = new Map<string, HeardEvent>();
  private readonly required: RequiredEvent[] = [];
  /** By run, the instants at which it closed as events and snapshots told them: one each. */
  private readonly closedAts = new Map<number, Set<number>>();
  private readonly findings: string[] = [];
  private outOfOrder = 0;
  private repeated = 0;

  /** A join was acknowledged with that snapshot; what the member has not heard before it, it tells. */
  joined(member: string, state: ToldState): void {
    const record = this.recordOf(member);
    record.excused.push([record.droppedAtVersion, state.version]);
    record.isMember = true;
    this.learnt(record, state);
  }

  /** `room:state`: the gateway cannot rule out that it missed something, however long ago, and tells all of it. */
  told(member: string, state: ToldState): void {
    const record = this.recordOf(member);
    record.excused.push([-1, state.version]);
    this.learnt(record, state);
  }

  /** An event or a snapshot says when that run closed: all have to say the same. */
  closedAt(runId: number, at: number): void {
    this.closedAts.set(runId, (this.closedAts.get(runId) ?? new Set()).add(at));
  }

  /** The member's connection ended. What it does not hear from now on, is in the snapshot of its next join. */
  dropped(member: string): void {
    const record = this.recordOf(member);
    // Not the version at the next join: events may arrive there before the acknowledgement does.
    record.droppedAtVersion = record.highestHeard;
    record.here = new Set();
    record.highestHere = -1;
  }

  heard(member: string, event: HeardEvent): void {
    const key = keyOf(event);
    const record = this.recordOf(member);
    this.known.set(key, event);
    this.note(record, { member, key, version: event.version });
    record.heard.add(key);
    record.highestHeard = Math.max(record.highestHeard, event.version);
  }

  /**
   * A tick: it may be missed, but must not come twice or on an older version.
   *
   * @param number which one of its plan, as ticks of one plan have the same version
   */
  heardTick(member: string, version: number, number: number): void {
    const record = this.recordOf(member);
    this.note(record, { member, key: `question:tick@${version} (${number} to go)`, version });
  }

  /** This event has to happen, even if nobody hears it: then a snapshot has to tell it to every member. */
  require(required: RequiredEvent): void {
    this.required.push(required);
  }

  /** Whether every one of these members heard that event of that run, or was told of it by a snapshot. */
  allKnow(members: readonly string[], required: RequiredEvent): boolean {
    const keys = [...this.known.values()].filter((one) => isThat(required, one)).map(keyOf);
    return members.every((member) => {
      const { heard, newest } = this.recordOf(member);
      return keys.some((key) => heard.has(key)) || tells(newest, required);
    });
  }

  report(): LedgerReport {
    const findings = [...this.findings];
    const missed = this.countMissed(findings);
    const doubled = this.countDoubled(findings);
    const { outOfOrder, repeated } = this;
    return { outOfOrder, repeated, missed, doubled, findings: findings.slice(0, MAX_FINDINGS) };
  }

  private note(record: MemberRecord, what: { member: string; key: string; version: number }): void {
    const { member, key, version } = what;
    if (record.here.has(key)) {
      this.repeated += 1;
      this.findings.push(`${member} heard ${key} twice`);
    } else if (version < record.highestHere) {
      this.outOfOrder += 1;
      this.findings.push(`${member} heard ${key} after version ${record.highestHere}`);
    }
    record.here.add(key);
    record.highestHere = Math.max(record.highestHere, version);
  }

  private countMissed(findings: string[]): number {
    let missed = 0;
    for (const [member, record] of this.members) {
      for (const [key, { version }] of this.known) {
        if (record.heard.has(key) || !wasOwed(record, version)) continue;
        missed += 1;
        findings.push(`${member} missed ${key}`);
      }
    }
    for (const required of this.required) {
      if ([...this.known.values()].some((one) => isThat(required, one))) continue;
      const { event, runId } = required;
      const untold = [...this.members].filter(([, { newest }]) => !tells(newest, required));
      missed += untold.length;
      if (untold.length === this.members.size) findings.push(`nobody heard ${event} of run ${runId}`);
      else findings.push(...untold.map(([member]) => `${member} was not told of ${event} of run ${runId}`));
    }
    return missed;
  }

  private countDoubled(findings: string[]): number {
    const closings = new Map<number | null, number>();
    for (const { event, runId } of this.known.values()) {
      if (event === CLOSED) closings.set(runId, (closings.get(runId) ?? 0) + 1);
    }
    let doubled = 0;
    for (const [runId, count] of closings) {
      if (count < 2) continue;
      doubled += count - 1;
      findings.push(`run ${runId} closed ${count} times`);
    }
    for (const [runId, instants] of this.closedAts) {
      if (instants.size < 2) continue;
      if ((closings.get(runId) ?? 0) < 2) doubled += instants.size - 1;
      findings.push(`run ${runId} closed at ${[...instants].join(' and at ')}`);
    }
    return doubled;
  }

  private learnt(record: MemberRecord, state: ToldState): void {
    if (state.version >= (record.newest?.version ?? -1)) record.newest = state;
  }

  private recordOf(member: string): MemberRecord {
    let record = this.members.get(member);
    if (!record) {
      record = {
        heard: new Set(),
        excused: [],
        newest: undefined,
        isMember: false,
        highestHeard: -1,
        droppedAtVersion: -1,
        here: new Set(),
        highestHere: -1,
      };
      this.members.set(member, record);
    }
    return record;
  }
}

/** Whether the member had to hear an event of that version: none of the snapshots that it got told it instead. */
function wasOwed({ isMember, excused }: MemberRecord, version: number): boolean {
  return isMember && !excused.some(([from, to]) => version > from && version <= to);
}

const isThat = ({ event, runId }: RequiredEvent, one: HeardEvent): boolean =>
  one.event === event && one.runId === runId;

/** Whether a snapshot says that it has happened: so learns who had no connection at that moment. */
function tells(state: ToldState | undefined, { event, runId, version }: RequiredEvent): boolean {
  if (state === undefined || runId === null || state.runId === null) return false;
  if (state.runId !== runId) return state.runId > runId; // a later run: this one is over
  if (event === STARTED) return true;
  if (event === OPENED) return state.phase !== 'lead-in';
  if (event === CLOSED) return state.phase === 'closed';
  return version !== undefined && state.version >= version;
}
