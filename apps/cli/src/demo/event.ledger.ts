/** An event that moves the room's version, as one member heard it. */
export interface HeardEvent {
  readonly event: string;
  readonly version: number;
  /** `null` for what belongs to no run (`room:closed`). */
  readonly runId: number | null;
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
  /** Once it has joined. */
  isMember: boolean;
  highestHeard: number;
  /** The highest version that it had heard when its connection last ended; -1 before its first join. */
  droppedAtVersion: number;
  /** Of the current connection only: another gateway may send once more what the last one had sent. */
  here: Set<string>;
  highestHere: number;
}

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
  private readonly required: Omit<HeardEvent, 'version'>[] = [];
  private readonly findings: string[] = [];
  private outOfOrder = 0;
  private repeated = 0;

  /** A join was acknowledged with a snapshot of that version; what the member has not heard before it, it tells. */
  joined(member: string, version: number): void {
    const record = this.recordOf(member);
    record.excused.push([record.droppedAtVersion, version]);
    record.isMember = true;
  }

  /** `room:state`: the gateway cannot rule out that it missed something, however long ago, and tells all of it. */
  told(member: string, version: number): void {
    this.recordOf(member).excused.push([-1, version]);
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

  /** This event has to happen in this run, even if nobody hears it. */
  require(event: string, runId: number | null): void {
    this.required.push({ event, runId });
  }

  /** Whether every one of these members heard that event of that run. */
  allHeard(members: readonly string[], event: string, runId: number | null): boolean {
    const keys = [...this.known.values()]
      .filter((one) => one.event === event && one.runId === runId)
      .map(keyOf);
    return members.every((member) => keys.some((key) => this.recordOf(member).heard.has(key)));
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
    for (const { event, runId } of this.required) {
      const happened = [...this.known.values()].some((one) => one.event === event && one.runId === runId);
      if (happened) continue;
      missed += this.members.size;
      findings.push(`nobody heard ${event} of run ${runId}`);
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
    return doubled;
  }

  private recordOf(member: string): MemberRecord {
    let record = this.members.get(member);
    if (!record) {
      record = {
        heard: new Set(),
        excused: [],
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
