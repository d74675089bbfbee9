import type { Snapshot } from '#libs/timer-core';
import { CommandQueue } from '../socket/command.queue.js';
import type { Socket } from '../socket/socket.types.js';
import { NOTHING_TOLD, tickFor } from './tick.translation.js';
import { TICK_EVENT } from './tutorial.events.js';

/** More commands than this wait for nobody's thumb; the next are refused with `rate_limited`. */
const MAX_PENDING_COMMANDS = 64;

/** One connection of a user's device. */
export class TutorialSession {
  readonly queue = new CommandQueue(MAX_PENDING_COMMANDS);
  /** The tutorial's clients know of no event for it: they come back by themselves. */
  readonly isToldOfDrain = false;
  private told = NOTHING_TOLD;

  constructor(
    readonly socket: Socket,
    /** The room of its timer. */
    readonly roomId: string,
  ) {}

  /** Tells the client the seconds left, unless it knows. */
  tell(state: Snapshot, isTick: boolean): void {
    const { told, timer } = tickFor(this.told, state, isTick);
    this.told = told;
    if (timer !== null) this.socket.emit(TICK_EVENT, { timer });
  }
}
