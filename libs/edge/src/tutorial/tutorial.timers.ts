import { setTimeout as delay } from 'node:timers/promises';
import {
  type CommandDone,
  type IdSource,
  type RoomRefusal,
  RoomService,
  type RoomSettings,
} from '#libs/room';
import { type Command, type DurationMs, durationMs } from '#libs/timer-core';
import type { QuestionTracing } from '../question.tracing.js';

/** A command that could not be done is tried again for so long (ms): the tutorial's clients do not ask what came of it. */
const TRY_FOR_MS = 5_000;
const RETRY_AFTER_MS = 250;
const RETRIED: readonly string[] = ['unavailable', 'conflict'];

const COMMAND_ID_CHARACTERS = 16;

/** In whose name commands are given. */
const ACTOR = 'tutorial';
const NO_TIME = durationMs(0);
const TIMER: Pick<Command & { type: 'question:start' }, 'questionId' | 'leadInMs' | 'graceMs' | 'tickMs'> = {
  questionId: 'timer',
  leadInMs: NO_TIME,
  graceMs: NO_TIME,
  tickMs: durationMs(1_000),
};
const SETTINGS: RoomSettings = { outcomes: 'none' };

type Done = CommandDone | RoomRefusal;

/** Timers of users' devices, each the one question of a room of its own. */
export class TutorialTimers {
  constructor(
    private readonly service: RoomService,
    private readonly ids: Pick<IdSource, 'token'>,
    private readonly tracing: QuestionTracing,
  ) {}

  /** Starts the timer in place of the one that runs. */
  async start(roomId: string, length: DurationMs): Promise<Done> {
    const start: Command = { type: 'question:start', ...this.signed(), ...TIMER, durationMs: length };
    return this.insist(async () => {
      const done = await this.give(roomId, start);
      if (done.kind === 'done') return done;
      if (done.code === 'room_not_found') {
        const opened = await this.service.openRoom(roomId, SETTINGS);
        return opened.kind === 'refused' ? opened : 'again';
      }
      if (done.code !== 'question_active') return done;
      const stopped = await this.give(roomId, { type: 'question:stop', ...this.signed() });
      return stopped.kind === 'refused' && RETRIED.includes(stopped.code) ? stopped : 'again';
    });
  }

  /** Stops the timer; null when none runs. */
  async stop(roomId: string): Promise<Done | null> {
    const stop: Command = { type: 'question:stop', ...this.signed() };
    const done = await this.insist(() => this.give(roomId, stop));
    const isNone = done.kind === 'refused' && ['wrong_phase', 'room_not_found'].includes(done.code);
    return isNone ? null : done;
  }

  /** With an id, so that a command of which it is unknown whether it was done is not done twice. */
  private signed(): { actor: string; commandId: string } {
    return { actor: ACTOR, commandId: this.ids.token(COMMAND_ID_CHARACTERS) };
  }

  private give(roomId: string, command: Command): Promise<Done> {
    return this.tracing.of({ event: command.type, roomId }, () => this.service.command(roomId, command));
  }

  private async insist(attempt: () => Promise<Done | 'again'>): Promise<Done> {
    const untilMs = performance.now() + TRY_FOR_MS;
    for (;;) {
      const result = await attempt();
      const isTimeUp = performance.now() >= untilMs;
      if (result === 'again') {
        if (!isTimeUp) continue;
        return { kind: 'refused', code: 'conflict', message: 'Others start this timer at the same time.' };
      }
      if (result.kind === 'done' || isTimeUp || !RETRIED.includes(result.code)) return result;
      await delay(RETRY_AFTER_MS, undefined, { ref: false });
    }
  }
}
