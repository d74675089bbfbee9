import type {
  AnswerResult,
  Countdown,
  CountdownOptions,
  End,
  Room,
  RoomEventName,
  RoomState,
  StartQuestion,
} from '../client.types.js';
import { QuizbellError } from '../quizbell.error.js';
import type { ClientEventInput, Member, ServerEventPayload, Snapshot } from '../wire.types.js';
import { CommandSender } from './command.sender.js';
import { Listeners } from './listeners.js';
import { randomId } from './random.id.js';
import { fitsVerdict, withAnswer } from './room.state.js';
import { Seat, type SeatOptions } from './seat.js';
import { type Fields, readJudgement, readMembers, readSnapshot, unreadable } from './wire.reader.js';

/** A host's command is sent again for so long (ms); whoever pressed a button a quarter of a minute ago has pressed another one. */
const COMMAND_LIFE_MS = 15_000;
/** An answer is sent again for so long (ms): it counts by when it was first received, and a verdict is owed. */
const ANSWER_LIFE_MS = 30_000;
/** A goodbye is not waited for longer (ms). */
const LEAVE_TIMEOUT_MS = 1_000;

type QuestionCommand =
  | 'question:start'
  | 'question:pause'
  | 'question:resume'
  | 'question:extend'
  | 'question:stop';

/** A room as the app has it: a seat, and commands that are sent until they are answered. */
export class RoomSession implements Room {
  private readonly seat: Seat;
  private readonly sender: CommandSender;

  constructor(
    options: SeatOptions,
    private readonly release: () => void,
  ) {
    this.seat = new Seat(options, {
      onJoined: () => this.sender.resume(),
      onEnded: (end) => this.ended(end),
    });
    const { environment } = options;
    this.sender = new CommandSender({ environment, current: () => this.seat.connection });
    this.seat.open();
  }

  get state(): RoomState {
    return this.seat.store.state;
  }

  /** Why the last try to get in has failed; for messages. */
  get lastFailure(): string {
    return this.seat.lastFailure;
  }

  subscribe(listener: () => void): () => void {
    return this.seat.store.subscribe(listener);
  }

  on<E extends RoomEventName>(event: E, handler: (payload: ServerEventPayload<E>) => void): () => void {
    return this.seat.store.on(event, handler);
  }

  remainingMs(): number | null {
    return this.countdown().remainingMs;
  }

  serverNow(): number | null {
    return this.seat.serverNow();
  }

  countdown(): Countdown {
    return this.seat.countdown.now();
  }

  onCountdown(listener: (countdown: Countdown) => void, options?: CountdownOptions): () => void {
    const guarded = new Listeners<[Countdown]>();
    guarded.add(listener);
    return this.seat.countdown.listen((countdown) => guarded.tell(countdown), options);
  }

  async answer(
    choice: unknown,
    options: { readonly questionId?: string; readonly answerId?: string } = {},
  ): Promise<AnswerResult> {
    const { question } = this.state;
    const questionId = options.questionId ?? question?.questionId;
    if (typeof questionId !== 'string') {
      throw new QuizbellError({ code: 'wrong_phase', message: 'There is no question.', retryable: false });
    }
    const runId = question?.questionId === questionId ? question.runId : null;
    const payload: ClientEventInput<'answer:submit'> = {
      questionId,
      choice,
      answerId: options.answerId ?? randomId(),
      ...(runId === null ? {} : { runId }),
    };
    const fields = await this.sender.send('answer:submit', payload, { lifeMs: ANSWER_LIFE_MS });
    const judgement = readJudgement(fields);
    if (judgement === null) throw unreadable();
    if (runId !== null && this.state.question?.runId === runId) {
      this.seat.store.update((state) => withAnswer(state, { ...judgement, questionId, runId, choice }));
      if (!fitsVerdict(this.state, judgement.verdict, this.serverNow())) this.seat.resync();
    }
    return { ...judgement, questionId, choice };
  }

  start(question: StartQuestion): Promise<Snapshot> {
    return this.command('question:start', question);
  }

  pause(): Promise<Snapshot> {
    return this.command('question:pause', this.currentRun);
  }

  resume(): Promise<Snapshot> {
    return this.command('question:resume', this.currentRun);
  }

  extend(byMs: number): Promise<Snapshot> {
    return this.command('question:extend', { ...this.currentRun, byMs });
  }

  stop(): Promise<Snapshot> {
    return this.command('question:stop', this.currentRun);
  }

  async roster({ away = false }: { readonly away?: boolean } = {}): Promise<readonly Member[]> {
    const payload = away ? { away } : {};
    const fields = await this.sender.send('room:roster', payload, { lifeMs: COMMAND_LIFE_MS });
    const members = readMembers(fields);
    if (members === null) throw unreadable();
    return members;
  }

  async kick(playerId: string, { ban = false }: { readonly ban?: boolean } = {}): Promise<void> {
    await this.sender.send('member:kick', ban ? { playerId, ban } : { playerId }, {
      lifeMs: COMMAND_LIFE_MS,
      isDone: ({ code }) => code === 'not_found',
    });
  }

  async close(): Promise<void> {
    try {
      await this.sender.send('room:close', { commandId: randomId() }, { lifeMs: COMMAND_LIFE_MS });
    } catch (error) {
      // The room's end is heard before, or instead of, the acknowledgement.
      if (this.state.end?.reason !== 'room-closed') throw error;
    }
  }

  async leave(): Promise<void> {
    await this.seat.connection?.request('room:leave', {}, { timeoutMs: LEAVE_TIMEOUT_MS });
    this.seat.end({ reason: 'left' });
  }

  disconnect(): void {
    this.seat.disconnect({ reason: 'left' });
  }

  private get currentRun(): { readonly runId?: number } {
    const runId = this.state.question?.runId ?? null;
    return runId === null ? {} : { runId };
  }

  private async command<E extends QuestionCommand>(
    event: E,
    fields: Omit<ClientEventInput<E>, 'commandId'>,
  ): Promise<Snapshot> {
    const payload = { ...fields, commandId: randomId() } as ClientEventInput<E>;
    const reply: Fields = await this.sender.send(event, payload, { lifeMs: COMMAND_LIFE_MS });
    const snapshot = readSnapshot(reply.snapshot);
    if (snapshot === null) throw unreadable();
    this.seat.adopt(snapshot);
    return snapshot;
  }

  private ended(end: End): void {
    this.release();
    this.sender.stop(
      end.reason === 'refused'
        ? end.error
        : new QuizbellError({
            code: 'unavailable',
            message: `The room has ended for this member: ${end.reason}.`,
            retryable: false,
          }),
    );
  }
}
