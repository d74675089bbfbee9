import { ClientRecord, type Hearing, type Told } from './client.record.js';
import type { Violation, ViolationKind } from './fault.tally.js';
import { FIRST_LOOK_MS, type RecordSeen, RoomBook, type RunFacts } from './room.book.js';

/** An instant of the server's clock as seen from here: the best guess, and the latest that it can be. */
export interface HeardAt {
  readonly at: number;
  readonly latestAt: number;
}

/** Where the checker tells what it finds. */
export interface CheckerListener {
  onViolation(violation: Violation): void;
  /** How long after its deadline a run closed. */
  onClosed(at: number, latenessMs: number): void;
  /** How long a client with an open question heard neither a tick nor an event of it, until a tick came. */
  onTickGap(at: number, gap: { readonly client: string; readonly gapMs: number }): void;
  /** Ticks are volatile and carry their state: one that comes twice breaks no promise. */
  onRepeatedTick(at: number): void;
  /** A run was looked at for the last time. */
  onRunChecked(at: number): void;
}

/** The closing is in Redis: by now its outcome is fixed and every client was told, or has asked (ms). */
const SECOND_LOOK_MS = 4_000;
/** What is still missing at the second look may come until then: a fault may have been in between (ms). */
const LAST_LOOK_MS = 12_000;
const LOOK_AGAIN_MS = 500;
/** From Redis' publication to the client. Delivery takes 1 ms; this only has to tell a stall from a busy machine. */
const DELIVERY_LIMIT_MS = 2_000;

const CLOSED = 'question:closed';

/**
 * Compares what clients heard, what Redis published and what Redis keeps with the promises of the design. It knows no
 * clock, no connection and no process: it is told, so that a fabricated history can show that it finds each violation.
 */
export class PromiseChecker {
  readonly rooms = new Map<string, RoomBook>();
  private readonly records = new Map<string, { record: ClientRecord; room: RoomBook }>();

  /**
   * @param isBlindAt whether publications of that instant can have gone unseen here
   * @param standsStillMs so much longer than on a quiet machine a closing and its delivery may take
   */
  constructor(
    private readonly listener: CheckerListener,
    private readonly isBlindAt: (at: number) => boolean = () => false,
    private readonly standsStillMs = 0,
  ) {}

  addRoom(roomId: string, clients: readonly { readonly name: string; readonly ticks: boolean }[]): RoomBook {
    const records = clients.map(({ name, ticks }) => new ClientRecord(name, ticks));
    const room = new RoomBook(roomId, records);
    this.rooms.set(roomId, room);
    for (const record of records) this.records.set(record.name, { record, room });
    return room;
  }

  connecting(client: string): void {
    this.of(client).record.connecting();
  }

  joined(client: string, snapshot: Told, at: number): void {
    const { record, room } = this.of(client);
    record.joined(snapshot.version, at);
    room.note(snapshot);
  }

  dropped(client: string): void {
    this.of(client).record.dropped();
  }

  /** It asked by itself and was answered with a snapshot: that tells it the state, and excuses nothing. */
  asked(client: string, snapshot: Told): void {
    const { record, room } = this.of(client);
    record.knows(snapshot.version);
    room.note(snapshot);
  }

  /** `room:state`. */
  toldOfGap(client: string, snapshot: Told): void {
    const { record, room } = this.of(client);
    record.toldOfGap(snapshot.version);
    room.note(snapshot);
  }

  heard(client: string, event: string, told: Told, heardAt: HeardAt): void {
    const { record, room } = this.of(client);
    this.judge(record.heard(event, told, heardAt.at), `${client} heard ${event}@${told.version}`, heardAt.at);
    const run = room.note(told);
    if (event !== CLOSED || run === undefined) return;
    this.noteClosing(run, told, heardAt.latestAt);
    const deliveryMs = heardAt.at - told.serverNow;
    if (deliveryMs > DELIVERY_LIMIT_MS + this.standsStillMs) {
      const text = `${client} heard ${event}@${told.version} ${Math.round(deliveryMs)} ms after its publication`;
      this.report('delayed', told.serverNow, text);
    }
  }

  heardTick(client: string, told: Told, at: number): void {
    const { record, room } = this.of(client);
    // An event counts as a sign of life: between the last tick of a question and the first of the next none is due.
    const since = record.lastHeardAt ?? record.joinedAt ?? at;
    const hearing = record.heardTick(told, at);
    room.note(told);
    this.listener.onTickGap(at, { client, gapMs: room.openMsBetween(since, at) });
    if (hearing === 'repeated') this.listener.onRepeatedTick(at);
    else this.judge(hearing, `${client} heard a tick of version ${told.version}`, at);
  }

  /** A command's acknowledgement. */
  acknowledged(told: Told): void {
    const room = this.rooms.get(told.roomId);
    if (room) room.note(told);
  }

  /** Redis published it, whoever heard it. */
  published(event: string, told: Told): void {
    const room = this.rooms.get(told.roomId);
    if (room === undefined) return;
    const run = room.note(told);
    if (!room.isInOrder(told.version)) {
      this.report(
        'outOfOrder',
        told.serverNow,
        `Redis published ${event}@${told.version} of ${told.roomId} late`,
      );
    }
    if (event !== CLOSED || run === undefined) return;
    const times = (run.closings.get(told.version) ?? 0) + 1;
    this.noteClosing(run, told, told.serverNow);
    run.closings.set(told.version, times);
    if (times > 1) this.report('doubled', told.serverNow, `${nameOf(run)}: published ${times} times`);
  }

  /** The runs whose records are to be looked at now. */
  runsToLookAt(now: number): RunFacts[] {
    return this.runs().filter((run) => !run.isDone && run.lookAt <= now);
  }

  /** Runs that were not yet checked to their end. */
  get unchecked(): number {
    return this.runs().filter(({ isDone }) => !isDone).length;
  }

  /** Runs that nobody heard close. */
  liveRuns(): RunFacts[] {
    return this.runs().filter(({ closing, isDone }) => closing === undefined && !isDone);
  }

  /** Redis was asked for the run's record, at an instant at which no fault was on; `undefined` if it has none. */
  looked(run: RunFacts, seen: RecordSeen | undefined, now: number): void {
    if (run.record === undefined) this.firstLook(run, seen, now);
    else this.secondLook(run, run.record, { seen, now });
  }

  private runs(): RunFacts[] {
    return [...this.rooms.values()].flatMap((room) => [...room.runs.values()]);
  }

  private firstLook(run: RunFacts, seen: RecordSeen | undefined, now: number): void {
    if (seen === undefined || seen.closedAt === null) {
      const endsAt = seen?.endsAt ?? run.endsAt;
      if (seen !== undefined && endsAt > run.endsAt) {
        run.endsAt = endsAt; // extended, and nobody heard of it yet
        run.lookAt = endsAt + LOOK_AGAIN_MS;
        return;
      }
      const overdueMs = Math.round(now - endsAt);
      if (seen !== undefined && overdueMs < FIRST_LOOK_MS + this.standsStillMs) {
        run.lookAt = now + LOOK_AGAIN_MS;
        return;
      }
      const what =
        seen === undefined ? 'Redis has no record of it' : `still open ${overdueMs} ms after its deadline`;
      this.report('lost', endsAt, `${nameOf(run)}: ${what}`);
      this.finish(run);
      return;
    }
    run.record = seen;
    run.lookAt = seen.closedAt + SECOND_LOOK_MS;
    if (seen.reason === 'expired' && seen.closedAt < (seen.endsAt ?? 0)) {
      this.reportOnce(run, 'early', `closed ${(seen.endsAt ?? 0) - seen.closedAt} ms before its deadline`);
    }
  }

  private secondLook(
    run: RunFacts,
    first: RecordSeen,
    look: { seen: RecordSeen | undefined; now: number },
  ): void {
    const closedAt = first.closedAt ?? look.now;
    if (look.seen?.text !== first.text) {
      this.reportOnce(run, 'doubled', 'its record changed after it had closed');
    }
    const room = this.rooms.get(run.roomId);
    const version = run.closing?.version;
    const ignorant = (room?.clients ?? []).filter(
      ({ joinedAt, knownVersion }) =>
        joinedAt !== undefined && version !== undefined && knownVersion < version,
    );
    const isSettled = look.seen?.settledAt !== null;
    if ((!isSettled || ignorant.length > 0) && look.now < closedAt + LAST_LOOK_MS) {
      run.lookAt = look.now + LOOK_AGAIN_MS;
      return;
    }
    if (!isSettled) this.reportOnce(run, 'unsettled', 'its outcome was not fixed');
    if (ignorant.length > 0) {
      const names = ignorant.map(({ name }) => name).join(', ');
      this.reportOnce(run, 'lost', `${names} never learned that it closed`);
    }
    if (version === undefined && !this.isBlindAt(closedAt)) {
      this.report('missed', closedAt, `${nameOf(run)}: its closing was never published`);
    }
    for (const client of room?.clients ?? []) {
      if (version === undefined || !client.hasMissed(run.runId, version)) continue;
      this.report('missed', closedAt, `${client.name} did not hear ${nameOf(run)} close`);
    }
    this.finish(run);
  }

  private finish(run: RunFacts): void {
    run.isDone = true;
    this.listener.onRunChecked(run.closing?.serverNow ?? run.endsAt);
  }

  /** @param latestAt the latest instant that the server's clock can have shown when it was heard */
  private noteClosing(run: RunFacts, told: Told, latestAt: number): void {
    const { version, serverNow, reason } = told;
    if (!run.closings.has(version)) {
      run.closings.set(version, 0);
      if (run.closings.size > 1) {
        this.report('doubled', serverNow, `${nameOf(run)}: closed again with version ${version}`);
      }
    }
    const isFirst = run.closing === undefined;
    run.closing ??= told;
    if (reason !== 'expired' || told.endsAt === null) return;
    if (isFirst) this.listener.onClosed(serverNow, serverNow - told.endsAt);
    // Three witnesses: the deadline that was in force, the server's own instant, and ours with every doubt in its favour.
    const deadline = run.version < version ? Math.max(run.endsAt, told.endsAt) : told.endsAt;
    const closedAt = Math.min(serverNow, told.closedAt ?? serverNow, latestAt);
    if (closedAt < deadline) {
      this.reportOnce(run, 'early', `closed ${Math.ceil(deadline - closedAt)} ms before its deadline`);
    }
  }

  private judge(hearing: Hearing, what: string, at: number): void {
    if (hearing === 'repeated') this.report('repeated', at, `${what} twice`);
    if (hearing === 'outOfOrder') this.report('outOfOrder', at, `${what} after a higher version`);
  }

  private reportOnce(run: RunFacts, kind: ViolationKind, what: string): void {
    if (run.reported.has(kind)) return;
    run.reported.add(kind);
    this.report(kind, run.closing?.serverNow ?? run.endsAt, `${nameOf(run)}: ${what}`);
  }

  private report(kind: ViolationKind, at: number, text: string): void {
    this.listener.onViolation({ kind, at, text });
  }

  private of(client: string): { record: ClientRecord; room: RoomBook } {
    const entry = this.records.get(client);
    if (entry === undefined) throw new Error(`${client} is in no room of the drill`);
    return entry;
  }
}

const nameOf = (run: RunFacts): string => `run ${run.runId} of ${run.roomId}`;
