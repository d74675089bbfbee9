import type { KeySpace } from '#libs/redis-store';
import type { Audience, RoomStore } from '#libs/room';
import type { DueRoom } from '../closing.observer.js';

/** Who has a shard, or had it last. */
export interface Lease {
  /** Null before the first. */
  readonly owner: string | null;
  /** Redis' clock, ms; 0 before the first owner. */
  readonly until: number;
}

/** Where a contest takes place: its own keys on the bench's Redis. */
export interface Arena {
  readonly url: string;
  readonly prefix: string;
  readonly shards: number;
  readonly keys: KeySpace;
  readonly store: RoomStore;
  /** Arguments for the Node of a contestant's process; its CPU time can then be read. */
  readonly nodeArgs: readonly string[];
  /** For every contestant's process the same: nothing of the caller's own configuration. */
  readonly env: NodeJS.ProcessEnv;
  /** Redis' clock, ms, with fractions. */
  now(): number;
  /** By shard. */
  leases(): Promise<Lease[]>;
  /** The Socket.IO room of an audience. */
  socketRoom(roomId: string, audience: Audience): string;
  /** The Redis channel on which gateways hear of it. */
  channelOf(roomId: string, audience: Audience): string;
}

/** What a contestant is, whatever it is set to. */
export type ContestantKind = 'quizbell' | 'bullmq' | 'key-expiry' | 'zset';

/** Something that closes rooms at their deadline, in a process of its own. */
export interface Contestant {
  readonly kind: ContestantKind;
  /** Says how it is set, too. */
  readonly name: string;
  /** Resolves when it can close rooms. */
  start(arena: Arena): Promise<RunningContestant>;
}

export interface RunningContestant {
  /** Settles (never rejects) with what is known when its process has ended. */
  readonly ended: Promise<string>;
  /** Tells it of the rooms, if it cannot know them from what a start commits. */
  schedule(rooms: readonly DueRoom[]): Promise<void>;
  /** What its process has used since it began. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}
