import { type Command, durationMs, type RoomState } from '#libs/timer-core';
import type { Random } from './seeded.random.js';

export const LONGEST_GRACE_MS = 1_500;

/** A command of the actor, with an id now and then. */
export function randomCommand(random: Random, actor: string, state: RoomState): Command {
  // Few names, so that some come twice.
  const id = random.chance(0.5) ? { commandId: random.oneOf(['a', 'b', 'c', 'd']) } : {};
  const common = { actor, ...id };
  const kinds = kindsFor(state);
  switch (random.weighted(kinds)) {
    case 'start':
      return {
        ...common,
        type: 'question:start',
        questionId: random.oneOf(['q1', 'q2']),
        durationMs: durationMs(random.oneOf([100, 1_000, random.between(100, 6_000)])),
        leadInMs: durationMs(random.chance(0.4) ? random.between(1, 2_000) : 0),
        graceMs: durationMs(random.chance(0.3) ? random.between(1, LONGEST_GRACE_MS) : 0),
        tickMs: durationMs(random.oneOf([0, 100, 1_000])),
        ...(random.chance(0.5) ? { mayChangeAnswer: true } : {}),
      };
    case 'pause':
      return { ...common, type: 'question:pause' };
    case 'resume':
      return { ...common, type: 'question:resume' };
    case 'stop':
      return { ...common, type: 'question:stop', ...(state.question && { runId: state.question.runId }) };
    case 'extend':
      return { ...common, type: 'question:extend', byMs: durationMs(random.between(-3_000, 2_999) || 1) };
    case 'close':
      return { ...common, type: 'room:close' };
  }
}

/** Mostly commands that fit. */
function kindsFor({ question }: RoomState) {
  const phase = question?.phase ?? 'idle';
  const isActive = phase !== 'idle' && phase !== 'closed';
  return {
    start: isActive ? 1 : 12,
    pause: phase === 'open' ? 5 : 1,
    resume: phase === 'paused' ? 8 : 1,
    stop: isActive ? 3 : 1,
    extend: isActive ? 4 : 1,
    close: 0.3,
  };
}
