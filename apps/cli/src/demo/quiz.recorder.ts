import type { QuestionClosed, Snapshot } from '#libs/protocol';
import { AnswerLedger, type AnswerReport } from './answer.ledger.js';
import { EventLedger, type LedgerReport } from './event.ledger.js';
import type { MemberListener, ServerEvent } from './quiz.member.js';
import { ServerClock } from './server.clock.js';
import { plannedTicks, type Span, type StateMark, tickNumber, ticksWithin } from './tick.expectation.js';

/** Of the host, who hears what the players hear but is no player. */
export const HOST_NAME = 'host';

/** Everything that was measured, so far or at the end. */
export interface Measurement extends LedgerReport {
  readonly ticks: { readonly expected: number; readonly received: number };
  /** For each player and each question that expired: when it heard of it, after the deadline. */
  readonly latenessMs: readonly number[];
  /** Runs that closed before their deadline, beyond all doubt about the clocks. */
  readonly early: number;
  /** Runs that had not closed long after their deadline. */
  readonly overdue: number;
  readonly malformed: number;
  readonly answers: AnswerReport;
  readonly drops: number;
  readonly rejoins: number;
}

// A gateway estimates the shard's clock too, and what it tells in `clock:sync` is off by that error; the bounds of the
// samples do not contain it.
const GATEWAY_CLOCK_ERROR_MS = 2;
const MAX_FINDINGS = 40; // the rest says nothing new

/** Listens to all members of the demo's room and measures. The clock has to be known before the first player joins. */
export class QuizRecorder implements MemberListener {
  readonly ledger = new EventLedger();
  readonly answers = new AnswerLedger();
  readonly clock = new ServerClock();
  /** The newest state that any member was told of; versions decide. */
  state: Snapshot | undefined;
  private readonly marks = new Map<number, StateMark>();
  private readonly known = new Set<string>();
  private readonly joined = new Map<string, { spans: Span[]; since: number | undefined }>();
  private readonly latenessMs: number[] = [];
  private ticksReceived = 0;
  /** Runs, each however many heard it. */
  private readonly early = new Set<number | null>();
  private readonly overdue = new Set<number | null>();
  private readonly malformed = new Map<string, number>();
  /** Deadlines of expired runs, as their closings told them, or snapshots. */
  private readonly deadlines = new Map<number, number>();
  private drops = 0;
  private hostDrops = 0;
  private rejoins = 0;

  onJoined(name: string, snapshot: Snapshot): void {
    this.noteTold(snapshot);
    this.ledger.joined(name, snapshot);
    if (this.known.has(name)) this.rejoins += 1;
    this.known.add(name);
    if (name === HOST_NAME) return; // before whose join the clock is not known, and who gets no ticks
    const record = this.joined.get(name);
    const since = this.clock.at(performance.now());
    if (record) record.since = since;
    else this.joined.set(name, { spans: [], since });
  }

  onDropped(name: string): void {
    this.ledger.dropped(name);
    this.drops += 1;
    if (name === HOST_NAME) this.hostDrops += 1;
    const record = this.joined.get(name);
    if (record?.since === undefined) return;
    record.spans.push({ fromAt: record.since, toAt: this.clock.at(performance.now()) });
    record.since = undefined;
  }

  /** Nobody heard of the closing in time. A closing that the end of the room brings about later makes it no better. */
  noteOverdue(runId: number | null): void {
    this.overdue.add(runId);
  }

  onMalformed(_name: string, event: string): void {
    this.malformed.set(event, (this.malformed.get(event) ?? 0) + 1);
  }

  onEvent(name: string, heard: ServerEvent): void {
    switch (heard.event) {
      case 'question:closed':
        this.noteClosed(name, heard.payload, heard.receivedAt);
        this.noteState(name, heard.event, heard.payload);
        break;
      case 'question:started':
      case 'question:opened':
      case 'question:paused':
      case 'question:resumed':
      case 'question:extended':
        this.noteState(name, heard.event, heard.payload);
        break;
      case 'question:tick': {
        const { version, remainingMs, tickMs } = heard.payload;
        this.ledger.heardTick(name, version, tickNumber(remainingMs ?? 0, tickMs || 1));
        if (name !== HOST_NAME) this.ticksReceived += 1;
        break;
      }
      case 'room:state':
        this.ledger.told(name, heard.payload.snapshot);
        this.noteTold(heard.payload.snapshot);
        break;
      case 'room:closed':
        this.ledger.heard(name, { event: heard.event, version: heard.payload.version, runId: null });
        break;
      case 'answers:count':
        if (name === HOST_NAME) this.answers.heardCount(heard.payload.questionId, heard.payload.count);
        break;
      case 'room:presence':
      case 'server:draining':
      case 'member:removed':
        break; // they move no version, so they can be neither missed nor doubled
      default:
        heard satisfies never;
    }
  }

  /** A state from an event or an acknowledgement; an older one than the newest is ignored. */
  adopt(snapshot: Snapshot): void {
    if (this.state === undefined || snapshot.version >= this.state.version) this.state = snapshot;
  }

  /** The deadline of that run in the closing that was told; `undefined` if nobody was told that it expired. */
  toldDeadline(runId: number): number | undefined {
    return this.deadlines.get(runId);
  }

  /** How often the host lost its connection: what it was told meanwhile, nobody tells again. */
  get timesHostDropped(): number {
    return this.hostDrops;
  }

  /** The latest instant of a gateway's clock at that reading of the monotonic clock. */
  latestAt(nowMs: number): number {
    return this.clock.latestAt(nowMs) + GATEWAY_CLOCK_ERROR_MS;
  }

  /** @param nowMs `performance.now()` */
  measure(nowMs: number): Measurement {
    const planned = plannedTicks([...this.marks.values()]);
    let expected = 0;
    for (const { spans, since } of this.joined.values()) {
      const open = since === undefined ? [] : [{ fromAt: since, toAt: this.clock.at(nowMs) }];
      expected += ticksWithin(planned, [...spans, ...open]);
    }
    const { latenessMs, drops, rejoins } = this;
    const ticks = { expected, received: this.ticksReceived };
    const ledger = this.ledger.report();
    const { answers, findings: answerFindings } = this.answers.report();
    const findings = [
      ...[...this.early].map((runId) => `run ${runId} closed before its deadline`),
      ...[...this.overdue].map((runId) => `run ${runId} did not close at its deadline`),
      ...[...this.malformed].map(([event, count]) => `${event} did not fit the contract ${count} times`),
      ...answerFindings,
      ...ledger.findings,
    ].slice(0, MAX_FINDINGS);
    const malformed = [...this.malformed.values()].reduce((sum, count) => sum + count, 0);
    return {
      ...ledger,
      answers,
      findings,
      ticks,
      latenessMs,
      early: this.early.size,
      overdue: this.overdue.size,
      malformed,
      drops,
      rejoins,
    };
  }

  /** A snapshot may be all that tells of a closing: nobody had a connection when it came. */
  private noteTold(snapshot: Snapshot): void {
    this.adopt(snapshot);
    this.noteClosing(snapshot);
  }

  private noteClosing({ runId, reason, endsAt, closedAt }: Snapshot): void {
    if (runId === null || closedAt === undefined) return;
    this.ledger.closedAt(runId, closedAt);
    if (reason === 'expired' && endsAt !== null) this.deadlines.set(runId, endsAt);
  }

  private noteState(name: string, event: string, snapshot: Snapshot): void {
    this.ledger.heard(name, { event, version: snapshot.version, runId: snapshot.runId });
    this.adopt(snapshot);
    if (!this.marks.has(snapshot.version)) this.marks.set(snapshot.version, snapshot);
  }

  private noteClosed(name: string, closed: QuestionClosed, receivedAt: number): void {
    const { reason, runId, endsAt, serverNow } = closed;
    this.noteClosing(closed);
    if (reason !== 'expired' || endsAt === null) return;
    // Two witnesses: the server's own instant in the event, and ours at its arrival with every doubt in its favour.
    const seenAt = this.latestAt(receivedAt);
    if (serverNow < endsAt || seenAt < endsAt) this.early.add(runId);
    if (name !== HOST_NAME) this.latenessMs.push(this.clock.at(receivedAt) - endsAt);
  }
}
