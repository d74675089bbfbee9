/** What an event, a tick or a snapshot tells of a room's clock. Instants are the server's (ms). */
export interface Told {
  readonly roomId: string;
  readonly runId: number | null;
  readonly version: number;
  readonly phase: string;
  readonly opensAt: number | null;
  readonly endsAt: number | null;
  readonly tickMs: number | null;
  readonly serverNow: number;
  readonly reason?: string | undefined;
  readonly closedAt?: number | undefined;
}

/** How what was heard fits to what was heard before on the same connection. */
export type Hearing = 'fits' | 'repeated' | 'outOfOrder';

const KEPT_KEYS = 256; // several questions: a repeat that comes still later is out of order as well

/** The newest of many keys, so that a drill of hours needs no more memory than one of minutes. */
class RecentKeys<K> {
  private readonly keys = new Set<K>();

  has(key: K): boolean {
    return this.keys.has(key);
  }

  add(key: K): void {
    this.keys.add(key);
    if (this.keys.size <= KEPT_KEYS) return;
    for (const oldest of this.keys) {
      this.keys.delete(oldest);
      return;
    }
  }
}

/** What one client heard, and on its present connection could have heard. */
export class ClientRecord {
  /** The highest version that it was told of, in whatever way. */
  knownVersion = -1;
  /** The server's instant at which it last heard a tick or an event of a question; `undefined` before its first. */
  lastHeardAt: number | undefined;
  /** Since when it has been a member by its present connection; `undefined` while it is none. */
  joinedAt: number | undefined;
  /** Joins after its first. */
  rejoins = 0;
  private isKnown = false;
  private heardHere = new RecentKeys<string>();
  private highestHere = -1;
  /** Runs whose closing it heard as an event, on any connection. */
  private readonly closings = new RecentKeys<number>();
  /** Its gateway told it the state up to this version because of a gap, or by the join. */
  private excusedVersion = Number.POSITIVE_INFINITY;

  constructor(
    readonly name: string,
    readonly wantsTicks: boolean,
  ) {}

  /** A new connection: events may come by it even before the join is acknowledged. */
  connecting(): void {
    this.heardHere = new RecentKeys();
    this.highestHere = -1;
    this.excusedVersion = Number.POSITIVE_INFINITY;
  }

  joined(version: number, at: number): void {
    this.excusedVersion = version;
    this.joinedAt = at;
    if (this.isKnown) this.rejoins += 1;
    this.isKnown = true;
    this.knows(version);
  }

  dropped(): void {
    this.joinedAt = undefined;
    this.excusedVersion = Number.POSITIVE_INFINITY;
  }

  /** `room:state`: its gateway cannot rule out that it missed something. */
  toldOfGap(version: number): void {
    this.excusedVersion = Math.max(this.excusedVersion, version);
    this.knows(version);
  }

  knows(version: number): void {
    this.knownVersion = Math.max(this.knownVersion, version);
  }

  heard(event: string, told: Told, at: number): Hearing {
    this.lastHeardAt = at;
    if (event === 'question:closed' && told.runId !== null) this.closings.add(told.runId);
    this.knows(told.version);
    return this.fit(`${event}@${told.version}`, told.version);
  }

  heardTick(told: Told, at: number): Hearing {
    this.lastHeardAt = at;
    this.knows(told.version);
    const left = (told.endsAt ?? 0) - told.serverNow;
    return this.fit(`tick ${Math.round(left / (told.tickMs || 1))}@${told.version}`, told.version);
  }

  /** Whether it is connected and should have heard that closing by its present connection, but did not. */
  hasMissed(runId: number, version: number): boolean {
    return this.joinedAt !== undefined && version > this.excusedVersion && !this.closings.has(runId);
  }

  private fit(key: string, version: number): Hearing {
    if (this.heardHere.has(key)) return 'repeated';
    this.heardHere.add(key);
    if (version < this.highestHere) return 'outOfOrder';
    this.highestHere = version;
    return 'fits';
  }
}
