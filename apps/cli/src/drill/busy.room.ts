import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CreateRoomAnswer } from '#libs/protocol';
import type { ServerClock } from '../demo/server.clock.js';
import type { AnswerChecker } from './answer.checker.js';
import { type AnswerHabits, BusyAnswerer, DRILL_HABITS } from './busy.answerer.js';
import { BusyClient } from './busy.client.js';
import type { PromiseChecker } from './promise.checker.js';
import type { Random } from './seeded.random.js';

/** What the questions of a drill are like. */
export interface LoadShape {
  readonly minMs: number;
  readonly maxMs: number;
  readonly tickMs: number;
  readonly habits: AnswerHabits;
}

/** Short enough that a fault finds deadlines everywhere, long enough that it finds ticks everywhere. */
export const DRILL_LOAD: LoadShape = {
  minMs: 1_500,
  maxMs: 4_500,
  tickMs: 500,
  habits: DRILL_HABITS,
};

const LEAD_IN_MS = 300;
const LEAD_IN_CHANCE = 0.25;
const GRACE_MS = 300;
const GRACE_CHANCE = 0.25;
const EXTEND_CHANCE = 0.15;
const EXTEND_AT_PART = 0.4;
const EXTEND_MS = { min: 200, max: 1_500 };
const PAUSE_MS = { min: 100, max: 500 }; // between two questions
const TRY_AGAIN_MS = 250;

/** A room with a host, and a player that answers, that plays one question after the other until it is told to stop. */
export class BusyRoom {
  readonly host: BusyClient;
  readonly player: BusyClient;
  private readonly answerer: BusyAnswerer;
  private isWanted = true;

  constructor(
    readonly room: CreateRoomAnswer,
    private readonly parts: {
      readonly number: number;
      readonly urls: readonly string[];
      /** What the player connects to, if not to the gateways. */
      readonly playerUrls?: readonly string[];
      readonly checker: PromiseChecker;
      readonly answers: AnswerChecker;
      readonly clock: ServerClock;
      readonly random: Random;
      /** Of the player: the host's lots do not depend on when the player answers. */
      readonly answerRandom: Random;
      readonly load: LoadShape;
    },
  ) {
    const { number, urls, playerUrls = urls, checker, answers, clock } = parts;
    const name = `room ${number}`;
    const names = { host: `${name} host`, player: `${name} player` };
    checker.addRoom(room.roomId, [
      { name: names.host, ticks: false },
      { name: names.player, ticks: true },
    ]);
    const onClosed: AnswerChecker['closed'] = (closing) => answers.closed(closing);
    const common = { pin: room.pin, checker, clock, onClosed };
    this.host = new BusyClient({
      ...common,
      name: names.host,
      urls,
      home: number,
      token: room.hostToken,
      ticks: false,
    });
    // On another gateway than its host, where there is one.
    this.player = new BusyClient({
      ...common,
      name: names.player,
      urls: playerUrls,
      home: number + 1,
      ticks: true,
      onJoined: (snapshot, answer) => answers.cameBack(snapshot, answer),
      onAdopted: (state) => this.answerer.adopted(state),
    });
    this.answerer = new BusyAnswerer({
      member: this.player.member,
      checker: answers,
      clock,
      random: parts.answerRandom,
      habits: parts.load.habits,
    });
  }

  get clients(): readonly BusyClient[] {
    return [this.host, this.player];
  }

  /** @throws CannotRun if one of them cannot join */
  async join(): Promise<void> {
    await this.host.member.join();
    await this.player.member.join();
  }

  /** Plays until `finish` or `close`; never rejects: what a fault breaks is tried again. */
  async play(signal: AbortSignal): Promise<void> {
    for (let number = 1; this.isWanted && !signal.aborted; number += 1) {
      try {
        await this.playQuestion(number, signal);
      } catch {
        if (signal.aborted) return;
        // Refused, or not answered for long: whatever is on now is played to its end first.
        await this.host.ask().catch(() => {});
        await this.host.untilOver(this.host.state?.runId ?? null);
        await sleep(TRY_AGAIN_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** No more questions after this one. */
  finish(): void {
    this.isWanted = false;
  }

  close(): void {
    this.isWanted = false;
    this.answerer.close();
    for (const client of this.clients) client.close();
  }

  private async playQuestion(number: number, signal: AbortSignal): Promise<void> {
    const { random, load, checker } = this.parts;
    const { member } = this.host;
    const durationMs = random.between(load.minMs, load.maxMs);
    const leadInMs = random.chance(LEAD_IN_CHANCE) ? LEAD_IN_MS : 0;
    const extendMs = random.chance(EXTEND_CHANCE) ? random.between(EXTEND_MS.min, EXTEND_MS.max) : 0;
    const pauseMs = random.between(PAUSE_MS.min, PAUSE_MS.max);
    const graceMs = random.chance(GRACE_CHANCE) ? GRACE_MS : 0;
    const { snapshot } = await member.command('question:start', {
      questionId: `drill-${number}`,
      durationMs,
      leadInMs,
      graceMs,
      tickMs: load.tickMs,
      commandId: randomUUID(),
    });
    checker.acknowledged(snapshot);
    this.host.adopt(snapshot);
    const { runId } = snapshot;
    if (extendMs > 0 && runId !== null) {
      await sleep(leadInMs + durationMs * EXTEND_AT_PART, undefined, { signal });
      const command = { byMs: extendMs, runId, commandId: randomUUID() };
      const extended = await member.command('question:extend', command).catch(() => undefined); // closed meanwhile
      if (extended) {
        checker.acknowledged(extended.snapshot);
        this.host.adopt(extended.snapshot);
      }
    }
    await this.host.untilOver(runId);
    await sleep(pauseMs, undefined, { signal });
  }
}
