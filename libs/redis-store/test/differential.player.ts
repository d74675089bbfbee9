import {
  type CommitRequest,
  type CommitResult,
  DECISION_HOLDS_MS,
  type Fence,
  type LoadedRoom,
  type TickResult,
} from '#libs/room';
import {
  advance,
  type Command,
  decide,
  decideDue,
  durationMs,
  type EpochMs,
  epochMs,
  isActive,
  newRoom,
  nextAt,
  notAfterAt,
  type RunId,
  type RunRecord,
  type TimelineEntry,
} from '#libs/timer-core';
import { AnswerPlayer } from './differential.answers.js';
import { met } from './differential.met.js';
import { same, type Twins } from './differential.world.js';
import { checkOrder } from './event.order.js';
import { LONGEST_GRACE_MS, randomCommand } from './random.command.js';
import { dueAheadOf, existing, newPinIn, newRoomIdIn, requestOf, settleOne } from './room.fixture.js';
import type { Random } from './seeded.random.js';

const NOBODY = epochMs(0);
const MAX_ATTEMPTS = 8;
const CONTENTS = [null, '{"text":"1 + 1?"}', '["ü \\"😀\\"",{"__proto__":1}]', '0'] as const;

interface Pending {
  readonly command: Command;
  readonly request: CommitRequest;
  readonly extras: Pick<CommitRequest, 'content' | 'correct'>;
}

/** Without what only Redis has: a lease. */
const bare = (room: LoadedRoom | null) => room && { state: room.state, content: room.content, now: room.now };
const bareCommit = (result: CommitResult | undefined) =>
  result?.committed === false ? { ...result, current: bare(result.current) } : result;
const bareTick = (result: TickResult | undefined) =>
  result?.sent === false ? { ...result, current: bare(result.current) } : result;

/** Plays one list of random steps of two hosts and an owner on one room of both stores, step by step. */
export class ListPlayer {
  readonly log: string[] = [];
  private readonly roomId: string;
  private readonly pending = new Map<string, Pending>();
  private readonly done: Pending[] = [];
  /** What the owner has read, and may act on much later. */
  private plan: LoadedRoom | undefined;
  private readonly idleMs: number;
  private readonly answers: AnswerPlayer;

  constructor(
    private readonly twins: Twins,
    private readonly random: Random,
  ) {
    this.roomId = newRoomIdIn(twins.shard);
    this.idleMs = random.oneOf([2_000, 8_000, 3_600_000]);
    this.answers = new AnswerPlayer(twins, random, this.roomId, this.log);
  }

  async play(steps: number): Promise<void> {
    const { redis, memory, at, shard } = this.twins;
    await this.twins.listen(this.roomId);
    const due = await redis.due(this.twins.fence, 1);
    if (due === 'fenced') throw new Error('the lease is lost');
    const { now } = due;
    at(now);
    const pin = newPinIn(shard, redis.shards);
    const state = newRoom({ roomId: this.roomId, pin, idleMs: durationMs(this.idleMs), now });
    const made = [await redis.create({ state, settings: {} }), await memory.create({ state, settings: {} })];
    if (!made.every((result) => result === 'created')) {
      same('a random PIN that was taken', made[0], made[1]);
      return;
    }
    await this.answers.enter();
    for (let i = 0; i < steps; i++) {
      met.steps++;
      await this.step();
    }
    await this.finish();
  }

  private async step(): Promise<void> {
    const { random } = this;
    const actor = random.oneOf(['host', 'co-host']);
    switch (
      random.weighted({
        think: 5,
        act: 6,
        jump: 5,
        race: 3,
        repeat: 2,
        plan: 2,
        fire: 4,
        ahead: 3,
        tick: 3,
        settle: 2,
        answer: 8,
      })
    ) {
      case 'think':
        return this.think(actor);
      case 'act':
        return this.act(actor);
      case 'jump':
        return this.jump();
      case 'race':
        await this.think('host');
        await this.think('co-host');
        await this.act('co-host');
        return this.act('host');
      case 'repeat':
        return this.repeat();
      case 'plan':
        this.plan = await this.load();
        return;
      case 'fire':
        return this.fire();
      case 'ahead':
        return this.fireAhead();
      case 'tick':
        return this.tick();
      case 'settle':
        return this.settle();
      case 'answer':
        await this.answers.answer();
        return this.answers.answer();
    }
  }

  /** Reads the room in both; Redis says when. */
  private async load(): Promise<LoadedRoom> {
    const redis = existing(await this.twins.redis.load(this.roomId));
    this.twins.at(redis.now);
    const memory = await this.twins.memory.load(this.roomId);
    same('load', bare(redis), bare(memory));
    return redis;
  }

  private async think(actor: string): Promise<void> {
    const loaded = await this.load();
    const command = randomCommand(this.random, actor, loaded.state);
    const extras =
      command.type === 'question:start'
        ? { content: this.random.oneOf(CONTENTS), ...(this.random.chance(0.5) ? { correct: '"a"' } : {}) }
        : {};
    this.decideOn(loaded, command, extras, actor);
  }

  /** Sends a command that was done, as a client does that heard no answer. */
  private async repeat(): Promise<void> {
    const [first, ...more] = this.done;
    if (first === undefined) return;
    const { command, extras } = this.random.oneOf([first, ...more]);
    this.decideOn(await this.load(), command, extras, command.actor);
    await this.act(command.actor);
  }

  private decideOn(loaded: LoadedRoom, command: Command, extras: Pending['extras'], actor: string): void {
    const decision = decide(loaded.state, command, loaded.now, NOBODY);
    this.log.push(`${actor} ${command.type} at ${loaded.now}: ${decision.kind}`);
    this.pending.delete(actor);
    if (decision.kind === 'repeated') met.repeats++;
    if (decision.kind === 'refused') met.refusals++;
    if (decision.kind !== 'change') return;
    const advanced = advance(loaded.state, loaded.now, loaded.now).state;
    const until = notAfterAt(advanced, decision.state, loaded.now, DECISION_HOLDS_MS);
    this.pending.set(actor, {
      command,
      extras,
      request: requestOf(loaded, decision, { ...extras, notAfterAt: until }),
    });
  }

  /** Commits what the actor has decided; decides anew on what comes back, as the service does. */
  private async act(actor: string): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const pending = this.pending.get(actor);
      if (pending === undefined) return;
      const redis = await this.twins.redis.commit(pending.request);
      this.twins.at(redis.now);
      const memory = await this.twins.memory.commit(pending.request);
      this.count(redis, actor);
      same('commit', bareCommit(redis), bareCommit(memory));
      if (redis.committed) {
        this.pending.delete(actor);
        this.done.push(pending);
        return;
      }
      if (redis.current === null) throw new Error('the room is gone');
      this.decideOn(redis.current, pending.command, pending.extras, actor);
    }
  }

  private count(result: CommitResult, who: string): void {
    this.log.push(`${who} commits at ${result.now}: ${result.committed ? 'done' : result.why}`);
    if (result.committed) met.commits++;
    else if (result.why === 'version') met.conflicts++;
    else if (result.why === 'window') met.outsideWindow++;
    else if (result.why === 'fence') met.fenced++;
  }

  private async jump(): Promise<void> {
    const { random } = this;
    const { state, now } = await this.load();
    const next = nextAt(state);
    // Often just around the instant at which something is due.
    const ms =
      next !== null && next > now && next - now < 10_000 && random.chance(0.4)
        ? next - now + random.between(-5, 2)
        : random.oneOf([random.between(1, 60), random.between(100, 1_500), random.between(1_000, 4_000)]);
    this.log.push(`${ms} ms pass`);
    if (ms > 0) await this.twins.jump(ms);
  }

  private async fire(fence = this.anyFence()): Promise<void> {
    const loaded = this.plan !== undefined && this.random.chance(0.4) ? this.plan : await this.load();
    const change = decideDue(loaded.state, loaded.now, NOBODY);
    if (change === null) return;
    const until = notAfterAt(loaded.state, change.state, loaded.now, DECISION_HOLDS_MS);
    await this.commitDue(fence, requestOf(loaded, change, { notAfterAt: until }));
  }

  /** Makes ready what is due shortly, lets time pass until about then, and now and then somebody be faster. */
  private async fireAhead(fence = this.anyFence()): Promise<void> {
    const { random } = this;
    const { state, now } = await this.load();
    const at = nextAt(state);
    if (at === null || at <= now || at - now > 10_000 || !isActive(state.question)) return;
    const request = dueAheadOf({ state }, DECISION_HOLDS_MS);
    this.twins.redis.prepare(fence, request);
    this.twins.memory.prepare(fence, request);
    met.prepared++;
    const ms =
      at - now + random.oneOf([random.between(-20, 20), random.between(0, 200), random.between(900, 1_100)]);
    this.log.push(`made ready; ${ms} ms pass`);
    if (ms > 0) await this.twins.jump(ms);
    if (random.chance(0.2)) {
      await this.think('co-host');
      await this.act('co-host');
    }
    await this.commitDue(fence, request);
  }

  private async commitDue(fence: Fence, request: CommitRequest): Promise<void> {
    const [redis] = await this.twins.redis.commitMany(fence, [request]);
    if (redis === undefined) throw new Error('not answered');
    this.twins.at(redis.now);
    const [memory] = await this.twins.memory.commitMany(fence, [request]);
    this.count(redis, 'owner');
    same('due commit', bareCommit(redis), bareCommit(memory));
  }

  /** The owner's, and now and then one that is not. */
  private anyFence(): Fence {
    const { fence } = this.twins;
    return this.random.chance(0.1) ? { ...fence, epoch: 7 } : fence;
  }

  private async tick(): Promise<void> {
    const loaded = this.plan !== undefined && this.random.chance(0.5) ? this.plan : await this.load();
    const { state } = advance(loaded.state, loaded.now, loaded.now);
    const fence = this.anyFence();
    const [redis] = await this.twins.redis.tickMany(fence, [{ state }]);
    if (redis === undefined) throw new Error('not answered');
    const now = redis.sent ? redis.now : (redis.current?.now ?? loaded.now);
    this.twins.at(now);
    const [memory] = await this.twins.memory.tickMany(fence, [{ state }]);
    if (redis.sent) met.ticks++;
    else if (redis.why === 'version') met.stalePlans++;
    else met.fenced++;
    this.log.push(`a tick at ${now}: ${redis.sent ? 'sent' : redis.why}`);
    same('tick', bareTick(redis), bareTick(memory));
  }

  private async settle(): Promise<void> {
    const entries = (await this.twins.redis.schedule(this.twins.shard)).filter(
      ({ roomId }) => roomId === this.roomId,
    );
    const run = entries.find((entry) => entry.runId !== null)?.runId;
    if (run != null) await this.settleRun(run);
  }

  private async settleRun(runId: RunId): Promise<string> {
    const before = await this.load();
    const redis = await settleOne(this.twins.redis, this.twins.fence, this.roomId, runId, true);
    if (redis === 'settled') this.twins.at(await this.settledAt(runId));
    const memory = await settleOne(this.twins.memory, this.twins.fence, this.roomId, runId, true);
    this.log.push(`settling ${runId} after ${before.now}: ${redis}`);
    if (redis === 'settled') met.settled++;
    if (redis === 'early') met.settledEarly++;
    same('settle', redis, memory);
    return redis;
  }

  private async settledAt(runId: RunId): Promise<EpochMs> {
    return epochMs(Number((await this.twins.runsInRedis(this.roomId))[`${runId}:settledAt`]));
  }

  /** Ends the room, settles its runs, and compares all that is left. */
  private async finish(): Promise<void> {
    const loaded = await this.load();
    if (loaded.state.closed === null) {
      this.decideOn(loaded, { type: 'room:close', actor: 'end' }, {}, 'end');
      await this.act('end');
    }
    // Where its idle end had come, the command found no room any more.
    this.plan = undefined;
    await this.fire(this.twins.fence);
    await this.compareSchedules();
    await this.twins.jump(LONGEST_GRACE_MS + 1_000);
    for (const { runId } of await this.compareSchedules()) {
      if (runId === null) throw new Error('a closed room is still due');
      same('settling at the end', await this.settleRun(runId), 'settled');
    }
    same('what is left to do', await this.compareSchedules(), []);
    await this.compareRuns();
    await this.answers.compare();
    const told = await this.twins.told(this.roomId);
    same('events', told.redis, told.memory);
    checkOrder(told.redis);
  }

  private async compareSchedules() {
    const own = (entries: { roomId: string; runId: RunId | null; at: EpochMs }[]) =>
      entries
        .filter(({ roomId }) => roomId === this.roomId)
        .sort((a, b) => a.at - b.at || Number(a.runId) - Number(b.runId));
    const redis = own(await this.twins.redis.schedule(this.twins.shard));
    same('schedule', redis, own(await this.twins.memory.schedule(0)));
    return redis;
  }

  private async compareRuns(): Promise<void> {
    const kept = await this.twins.runsInRedis(this.roomId);
    for (const [name, text] of Object.entries(kept)) {
      // Lists of run ids; what is read by them is compared elsewhere.
      if (name === 'live' || name.endsWith('Settled') || name.endsWith(':next')) continue;
      const [runId, field] = name.split(':');
      if (runId === 'newest') {
        same(
          'the newest run',
          Number(text),
          await this.twins.answers.memory.newestRun(this.roomId, field ?? ''),
        );
        continue;
      }
      const twin = this.twins.memory.runOf(this.roomId, Number(runId) as RunId);
      if (field === undefined) same('run', JSON.parse(text) as RunRecord, twin?.record);
      if (field === 'correct') same('right answer', text, twin?.correct);
      if (field === 'timeline') {
        const lines = text.trimEnd().split('\n');
        same(
          'timeline',
          lines.map((line) => JSON.parse(line) as TimelineEntry),
          twin?.timeline,
        );
      }
      if (field === 'settledAt') same('settled at', Number(text), twin?.settledAt);
    }
  }
}
