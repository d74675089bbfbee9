import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CreateRoomAnswer, type QuestionAck, type RefusedAck, SERVER_EVENTS } from '#libs/protocol';
import { CannotRun } from '../command.types.js';
import { auditAnswers } from './answer.audit.js';
import { AnswerRound } from './answer.round.js';
import type { DemoOptions } from './demo.options.js';
import { type DemoScreen, remainingOf } from './demo.screen.js';
import { QuizMember } from './quiz.member.js';
import { HOST_NAME, type QuizRecorder } from './quiz.recorder.js';
import { readOutcome } from './rest.client.js';

const LEAD_IN_MS = 1_000;
const TICK_MS = 1_000;
const PAUSE_MS = 1_000;
const EXTEND_MS = 1_000;
/** The question that is paused, resumed and extended: the second, so that the first shows the plain case. */
const EVENTFUL_QUESTION = 2;
const PAUSE_AT_PART = 0.6; // of the time still to go
const EXTEND_AT_PART = 0.4;

const FIRST_SAMPLES = 8; // enough that one of them was quick
const SAMPLE_EVERY_MS = 500;
const JOINS_AT_ONCE = 10; // a crowd that comes at once measures the demo's own process
const POLL_MS = 20;
const HEARING_MS = 5_000; // a take-over may take 2 s, a machine with two busy cores a little more
const CUT_OFF_MS = 20_000; // nobody can be told while nobody has a connection; longer than that is a finding all the same
const GOODBYE_MS = 10_000; // on a busy machine the last of fifty hears of it late; who never does is a finding all the same

/** Plays a quiz with a host and players of its own in the room, and lets the recorder watch. */
export class DemoQuiz {
  readonly recorder: QuizRecorder;
  private readonly urls: readonly string[];
  private readonly room: CreateRoomAnswer;
  private readonly options: DemoOptions;
  private readonly screen: DemoScreen;
  private readonly stop: AbortSignal;
  private readonly host: QuizMember;
  private readonly players: QuizMember[];
  /** One for each question: outcomes are fixed a second after the closing, when the next question is on. */
  private readonly audits: Promise<void>[] = [];

  constructor(parts: {
    urls: readonly string[];
    room: CreateRoomAnswer;
    options: DemoOptions;
    screen: DemoScreen;
    recorder: QuizRecorder;
    stop: AbortSignal;
  }) {
    const { urls, room, options, recorder } = parts;
    this.urls = urls;
    this.room = room;
    this.options = options;
    this.screen = parts.screen;
    this.recorder = recorder;
    this.stop = parts.stop;
    const common = { urls, pin: room.pin, listener: recorder };
    this.host = new QuizMember({ ...common, name: HOST_NAME, home: 0, token: room.hostToken, ticks: false });
    this.players = Array.from({ length: options.players }, (_, index) => {
      const name = `player ${index + 1}`;
      return new QuizMember({ ...common, name, home: index % urls.length, ticks: true });
    });
  }

  /**
   * @throws CannotRun if somebody cannot join or a command is refused
   * @throws AbortError when asked to stop
   */
  async play(): Promise<void> {
    await this.host.join();
    await this.sampleOften(this.host);
    const stopSampling = this.keepSampling();
    try {
      await this.joinAll();
      const spread = this.urls.length > 1 ? `, spread over ${this.urls.length} gateways` : '';
      this.screen.say(
        `Room ${this.room.pin}: a host and ${this.options.players} players have joined${spread}.`,
      );
      for (let number = 1; number <= this.options.questions; number += 1) {
        if (!(await this.playQuestion(number))) break;
      }
      await Promise.all(this.audits);
      await this.closeRoom();
    } finally {
      stopSampling();
    }
  }

  /** Ends all connections. */
  close(): void {
    for (const member of [this.host, ...this.players]) member.close();
  }

  private async joinAll(): Promise<void> {
    for (let from = 0; from < this.players.length; from += JOINS_AT_ONCE) {
      this.stop.throwIfAborted();
      const group = this.players.slice(from, from + JOINS_AT_ONCE);
      await Promise.all(group.map((player) => player.join())).catch((failure: Error) => {
        const hint = 'All gateways must be of one installation; name those that are with --url.';
        throw new CannotRun(this.urls.length > 1 ? `${failure.message}\n${hint}` : failure.message);
      });
    }
    // Of each gateway: a player hears of the deadline from its own, which has an estimate of its own.
    await Promise.all(this.players.slice(1, this.urls.length).map((player) => this.sampleOften(player)));
  }

  /** Plays one question; `false` if it did not close, so that there is no going on. */
  private async playQuestion(number: number): Promise<boolean> {
    const { durationMs, questions } = this.options;
    const content = { text: `Question ${number} of the demo` };
    const timing = { durationMs, leadInMs: LEAD_IN_MS, tickMs: TICK_MS };
    const question = { questionId: `demo-${number}`, ...timing, content };
    const commandId = randomUUID();
    const { snapshot } = await this.host.command('question:start', { ...question, commandId });
    this.recorder.adopt(snapshot);
    const { runId } = snapshot;
    for (const event of [SERVER_EVENTS.questionStarted, SERVER_EVENTS.questionOpened]) {
      this.recorder.ledger.require({ event, runId });
    }
    const unfollow = this.screen.follow(this.recorder, `question ${number}/${questions}`);
    try {
      await this.untilOpen(runId);
      const answered = this.playAnswers(number, { runId, questionId: question.questionId });
      if (number === EVENTFUL_QUESTION) await this.interfere(runId);
      const hasClosed = await this.untilAllKnow(SERVER_EVENTS.questionClosed, runId);
      this.recorder.ledger.require({ event: SERVER_EVENTS.questionClosed, runId });
      if (hasClosed) await answered;
      else this.recorder.noteOverdue(runId);
      return hasClosed;
    } finally {
      unfollow();
    }
  }

  /** All players answer, and what they are told is compared with the count that the host hears. Rejects as `play` does. */
  private playAnswers(number: number, run: { runId: number | null; questionId: string }): Promise<void> {
    const { runId, questionId } = run;
    if (runId === null) return Promise.resolve();
    const round = new AnswerRound(this.recorder, { runId, questionId }, this.stop);
    const { durationMs } = this.options;
    const hostDrops = this.recorder.timesHostDropped;
    const played = round.play(this.players, { number, durationMs }).then(async () => {
      const { told, unanswered } = round;
      for (const what of unanswered) this.recorder.answers.noteUnanswered(what);
      const accepted = told.filter(
        ({ purpose, judgement }) => purpose !== 'repeat' && judgement.verdict === 'accepted',
      ).length;
      await this.compareCount(questionId, { accepted, hostDrops });
      const audit = this.compareOutcome(round, { runId, questionId });
      audit.catch(() => {}); // awaited at the end
      this.audits.push(audit);
    });
    played.catch(() => {}); // awaited once the question has closed
    return played;
  }

  /** The count comes at most once a second, and ends with the run: it is waited for before the next one. */
  private async compareCount(questionId: string, of: { accepted: number; hostDrops: number }): Promise<void> {
    const { answers } = this.recorder;
    const giveUpAt = performance.now() + HEARING_MS;
    while ((answers.countOf(questionId) ?? 0) !== of.accepted) {
      if (performance.now() > giveUpAt) {
        // What was told while it was away is not told again, unless it changes.
        if (this.recorder.timesHostDropped > of.hostDrops) return;
        const count = answers.countOf(questionId);
        answers.noteWrong(
          `the host was told ${count ?? 'no'} answers of ${questionId}, ${of.accepted} were accepted`,
        );
        return;
      }
      await this.pause(POLL_MS);
    }
  }

  private async compareOutcome(
    round: AnswerRound,
    run: { runId: number; questionId: string },
  ): Promise<void> {
    const outcome = await readOutcome(this.urls, this.room, run, this.stop);
    const { answers } = this.recorder;
    if (typeof outcome === 'string') answers.noteWrong(`no outcome of ${run.questionId}: ${outcome}`);
    else answers.add(auditAnswers(round.told, outcome, this.recorder.toldDeadline(run.runId)));
  }

  /** Pauses, resumes and extends: what moves a deadline must move it for everybody. */
  private async interfere(runId: number | null): Promise<void> {
    const { durationMs } = this.options;
    await this.untilRemaining(betweenTicks(durationMs * PAUSE_AT_PART));
    await this.order('question:pause', SERVER_EVENTS.questionPaused, runId);
    await this.pause(PAUSE_MS);
    await this.order('question:resume', SERVER_EVENTS.questionResumed, runId);
    await this.untilRemaining(betweenTicks(durationMs * EXTEND_AT_PART));
    await this.order('question:extend', SERVER_EVENTS.questionExtended, runId);
  }

  private async order(
    command: 'question:pause' | 'question:resume' | 'question:extend',
    event: string,
    runId: number | null,
  ): Promise<void> {
    const common = { commandId: randomUUID(), ...(runId === null ? {} : { runId }) };
    const done: Exclude<QuestionAck, RefusedAck> =
      command === 'question:extend'
        ? await this.host.command(command, { ...common, byMs: EXTEND_MS })
        : await this.host.command(command, common);
    this.recorder.adopt(done.snapshot);
    const { runId: ofRun, version } = done.snapshot;
    this.recorder.ledger.require({ event, runId: ofRun, version });
  }

  private async untilOpen(runId: number | null): Promise<void> {
    const giveUpAt = performance.now() + LEAD_IN_MS + HEARING_MS;
    while (performance.now() < giveUpAt) {
      const { state } = this.recorder;
      if (state?.runId === runId && state.phase !== 'lead-in') return;
      await this.pause(POLL_MS);
    }
    // Nobody was told of the opening: the report will say so; the deadline may come all the same.
  }

  private async untilRemaining(ms: number): Promise<void> {
    while (this.recorder.state?.phase === 'open' && remainingOf(this.recorder, performance.now()) > ms) {
      await this.pause(POLL_MS);
    }
  }

  /**
   * Waits until everybody knows of it, at most 5 s beyond the deadline that holds, or beyond the moment in which the first of
   * them can be told. `false` if nobody was by then.
   */
  private async untilAllKnow(event: string, runId: number | null): Promise<boolean> {
    const { ledger, clock } = this.recorder;
    const members = [this.host, ...this.players];
    const names = members.map((member) => member.name);
    let cutOffUntil = Number.NEGATIVE_INFINITY;
    for (;;) {
      if (ledger.allKnow(names, { event, runId })) return true;
      const { state } = this.recorder;
      const endsAt = state?.endsAt ?? Number.POSITIVE_INFINITY; // paused: it ends when it is resumed
      const now = clock.at(performance.now());
      const isCutOff = members.every((member) => !member.isJoined);
      if (isCutOff && now < endsAt + CUT_OFF_MS) cutOffUntil = now;
      if (now > Math.max(endsAt, cutOffUntil) + HEARING_MS) return state?.phase === 'closed';
      await this.pause(POLL_MS);
    }
  }

  private async closeRoom(): Promise<void> {
    await this.host.command('room:close', { commandId: randomUUID() });
    const roomClosed = { event: SERVER_EVENTS.roomClosed, runId: null };
    this.recorder.ledger.require(roomClosed);
    const giveUpAt = performance.now() + GOODBYE_MS;
    const names = [this.host, ...this.players].map((member) => member.name);
    while (!this.recorder.ledger.allKnow(names, roomClosed)) {
      if (performance.now() > giveUpAt) return;
      await this.pause(POLL_MS);
    }
  }

  private async sampleOften(member: QuizMember): Promise<void> {
    for (let taken = 0; taken < FIRST_SAMPLES; taken += 1) {
      this.recorder.clock.add(await member.compareClocks());
    }
  }

  /** A sample from each gateway twice a second: clocks drift. */
  private keepSampling(): () => void {
    const sample = (member: QuizMember) =>
      member.compareClocks().then(
        (one) => this.recorder.clock.add(one),
        () => {}, // it has lost its connection; the others go on
      );
    const probes = [this.host, ...this.players.slice(1, this.urls.length)];
    const timer = setInterval(() => probes.map(sample), SAMPLE_EVERY_MS);
    return () => clearInterval(timer);
  }

  private pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.stop });
  }
}

/** The middle between two ticks: on a tick, whether it is sent before the host's act or not at all is anybody's guess. */
function betweenTicks(remainingMs: number): number {
  return (Math.floor(remainingMs / TICK_MS) + 0.5) * TICK_MS;
}
