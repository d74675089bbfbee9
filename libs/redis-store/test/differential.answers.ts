import type { AnswerRecord, AnswerRequest, AnswerResult, LiveRuns, SettledRun } from '#libs/room';
import {
  type Answerer,
  epochMs,
  FRESH_ANSWERER,
  IN_FLIGHT_MS,
  judge,
  type RunRecord,
  receivedWithin,
  runOfAnswer,
} from '#libs/timer-core';
import { met } from './differential.met.js';
import { same, type Twins } from './differential.world.js';
import type { Random } from './seeded.random.js';

const PLAYERS = ['p1', 'p2', 'p3'] as const;
const CHOICES = ['"a"', '{"answerId":"n1","list":[]}', '["ü \\"😀\\"\\n"]', 'null'] as const;

/** Players come in any order, the answers of one in their own. */
const byPlayer = (run: SettledRun | null) => {
  const sorted = (answers: readonly AnswerRecord[]) =>
    [...answers].sort((a, b) => (a.playerId < b.playerId ? -1 : a.playerId === b.playerId ? 0 : 1));
  return run && { ...run, answers: sorted(run.answers), earlier: sorted(run.earlier) };
};

/** Answers of three players to the runs of one room of both stores, in between everything else that happens to it. */
export class AnswerPlayer {
  /** What the gateway of these players has read, and may judge by much later. */
  private known: readonly RunRecord[] = [];
  private readonly sent: AnswerRequest[] = [];
  private count = 0;

  constructor(
    private readonly twins: Twins,
    private readonly random: Random,
    private readonly roomId: string,
    private readonly log: string[],
  ) {}

  /** All but the last are players of the room. */
  async enter(): Promise<void> {
    for (const playerId of PLAYERS.slice(0, -1)) {
      const request = {
        roomId: this.roomId,
        connection: `c-${playerId}`,
        member: { playerId, role: 'player', name: playerId },
        nameKey: playerId,
        maxPlayers: 10,
        secondConnection: 'replace',
      } as const;
      same(
        'enter',
        await this.twins.members.redis.enter(request),
        await this.twins.members.memory.enter(request),
      );
    }
  }

  /** Judges by what is known or by a fresh read, sends, and judges again as the service does. */
  async answer(): Promise<void> {
    const { random } = this;
    if (random.chance(0.1) && this.sent.length > 0) return this.resend();
    const live = await this.read();
    if (this.known.length === 0 || random.chance(0.5)) this.known = live.runs;
    const playerId = random.oneOf([...PLAYERS, 'p1', 'p2']);
    const answerId = `n${this.count++}`;
    const choice = random.oneOf(CHOICES);
    let receivedAt = epochMs(
      live.now - random.oneOf([0, 1, random.between(0, 400), random.between(0, 1_500)]),
    );
    let answerer: Answerer = FRESH_ANSWERER;
    let standing: AnswerRecord | null = null;
    let isClamped = false;
    met.answers++;
    const questionId = this.known.at(random.chance(0.8) ? -1 : 0)?.questionId ?? 'q1';
    let asked: RunRecord | null = null;
    for (let attempt = 0; attempt < 4; attempt++) {
      const run = runOfAnswer(this.known, { questionId, receivedAt });
      if (run === null) return;
      if (asked !== null && asked.runId !== run.runId) {
        answerer = { ...answerer, standing: null };
        standing = null;
      }
      asked = run;
      const judgement = judge(run, answerer, receivedAt);
      if (judgement.verdict === 'duplicate' || judgement.verdict === 'not_eligible') return;
      const { runId, version } = run;
      const answer: AnswerRecord = { answerId, playerId, name: playerId, choice, ...judgement };
      const request: AnswerRequest = {
        roomId: this.roomId,
        runId,
        recordVersion: version,
        answer,
        isClamped,
        standing: standing?.answerId ?? null,
      };
      const result = await this.submit(request);
      if (result.kind === 'stored') {
        this.sent.push(request);
        this.check(run, answer, standing);
      }
      if (result.kind !== 'judge-again') return;
      met.judgedAgain++;
      this.known = result.runs;
      answerer = result;
      standing = result.standing;
      const within = receivedWithin(receivedAt, result.now, IN_FLIGHT_MS);
      isClamped ||= within !== receivedAt;
      receivedAt = within;
      if (result.isSettled) return;
    }
  }

  /** What both keep at the end is the same, and is what was stored last. */
  async compare(): Promise<void> {
    const runIds = [...new Set(this.sent.map(({ runId }) => runId))];
    for (const runId of runIds) {
      for (const playerId of PLAYERS) {
        const { redis, memory } = this.twins.answers;
        const kept = await redis.answerOf(this.roomId, runId, playerId);
        same('what a player answered', kept, await memory.answerOf(this.roomId, runId, playerId));
        const own = this.sent.filter((one) => one.runId === runId && one.answer.playerId === playerId);
        const last = own.findLast(({ answer }) => answer.verdict === 'accepted') ?? own.at(-1);
        same('the answer that stands', kept, last?.answer ?? null);
      }
      const settled = await this.twins.answers.redis.settledRun(this.roomId, runId);
      const twin = await this.twins.answers.memory.settledRun(this.roomId, runId);
      same('the settled run', byPlayer(settled), byPlayer(twin));
      const accepted = this.sent.filter((one) => one.runId === runId && one.answer.verdict === 'accepted');
      const players = new Set(accepted.map(({ answer }) => answer.playerId));
      same('how many answered', settled?.answers.length, players.size);
    }
  }

  private async read(): Promise<LiveRuns> {
    const redis = await this.twins.answers.redis.liveRuns(this.roomId);
    if (redis === null) throw new Error('the room is gone');
    this.twins.at(redis.now);
    same('live runs', redis, await this.twins.answers.memory.liveRuns(this.roomId));
    return redis;
  }

  private async submit(request: AnswerRequest): Promise<AnswerResult> {
    const redis = await this.twins.answers.redis.submit(request);
    this.twins.at(redis.now);
    const memory = await this.twins.answers.memory.submit(request);
    const { playerId, verdict, receivedAt } = request.answer;
    this.log.push(`${playerId} answers (${verdict}, received ${receivedAt}) at ${redis.now}: ${redis.kind}`);
    same('answer', redis, memory);
    return redis;
  }

  /** As a client does that heard no ack. */
  private async resend(): Promise<void> {
    const [first, ...more] = this.sent;
    if (first === undefined) return;
    const request = this.random.oneOf([first, ...more]);
    const result = await this.submit(request);
    if (result.kind === 'repeated') met.repeatedAnswers++;
    if (result.kind === 'stored') throw new Error('an answer was stored twice');
  }

  /** The laws: by the deadline in force when it was stored. */
  private check(run: RunRecord, answer: AnswerRecord, standing: AnswerRecord | null): void {
    const { verdict, receivedAt } = answer;
    if (verdict === 'late') met.late++;
    if (verdict !== 'accepted') return;
    met.accepted++;
    if (standing !== null) met.changedAnswers++;
    if (run.closedAt !== null) met.afterClosing++;
    const endsAt = run.endsAt ?? run.pausedAt;
    const isIn =
      run.opensAt !== null &&
      receivedAt >= run.opensAt &&
      endsAt !== null &&
      receivedAt < endsAt + (run.pausedAt === null ? run.graceMs : 0) &&
      (run.closedAt === null || run.reason === 'expired' || receivedAt < run.closedAt);
    if (!isIn) throw new Error(`accepted out of time: ${JSON.stringify({ run, answer })}`);
    if (standing !== null && (!run.mayChangeAnswer || standing.receivedAt > receivedAt)) {
      throw new Error('an answer was changed that may not be');
    }
  }
}
