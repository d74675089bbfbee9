import type { BroadcastPort } from '#libs/edge';
import type {
  AnswerStore,
  MemberStore,
  OwnerStore,
  Ownership,
  PresenceStore,
  RateLimits,
  RoomStore,
  ShardClock,
} from '#libs/room';

/** Where the rooms of this process live: in its memory, or in Redis. */
export interface RoomBackend {
  readonly store: RoomStore & OwnerStore;
  readonly members: MemberStore & PresenceStore;
  readonly answers: AnswerStore;
  readonly clock: ShardClock;
  readonly ownership: Ownership;
  readonly broadcast: BroadcastPort;
  readonly limits: RateLimits;
  /** What the operator should know before the first client comes. */
  readonly warnings: readonly string[];
  ready(): Promise<boolean>;
  /** From then on members of this gateway count as connected. */
  startHeartbeat(): Promise<void>;
  close(): Promise<void>;
}
