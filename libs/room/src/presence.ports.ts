import type { RunId } from '#libs/timer-core';
import type { Fence } from './room.ports.js';

/** What the owner of a shard tells rooms of their members and answers. A stale owner's calls do nothing. */
export interface PresenceStore {
  /**
   * Rooms in which members came or went or answers were accepted since they were last taken, at most `limit`, each once;
   * and the gateways that are alive.
   */
  takeStirred(
    fence: Fence,
    limit: number,
  ): Promise<{ readonly roomIds: string[]; readonly gateways: string[] } | 'fenced'>;

  /**
   * Tells each room who is connected (`room:presence`, to all), and its hosts and screens how many players have an accepted
   * answer to the current run (`answers:count`), as far as that is not what was told last. For many rooms in one call.
   */
  tellStirred(fence: Fence, rooms: readonly StirredRoom[]): Promise<'told' | 'fenced'>;
}

/** A room to be told of its members and answers. */
export interface StirredRoom {
  readonly roomId: string;
  /** The current or last run; null before the first. */
  readonly run: { readonly runId: RunId; readonly questionId: string } | null;
}
