import type { BroadcastPort } from '#libs/edge';
import type { QueueConnections } from '#libs/outcomes';
import type {
  AnswerStore,
  ArrivalClock,
  DeliveryStore,
  MemberStore,
  OwnerStore,
  Ownership,
  PresenceStore,
  RateLimits,
  RoomStore,
} from '#libs/room';

/** Where the rooms of this process live: in its memory, or in Redis. */
export interface RoomBackend {
  readonly store: RoomStore & OwnerStore;
  readonly members: MemberStore & PresenceStore;
  readonly answers: AnswerStore;
  readonly deliveries: DeliveryStore;
  /** For outcomes that outlive this process; absent: they wait in its memory. */
  readonly queue?: QueueConnections;
  readonly clock: ArrivalClock;
  readonly ownership: Ownership;
  readonly broadcast: BroadcastPort;
  readonly limits: RateLimits;
  /** What the operator should know before the first client comes. */
  readonly warnings: readonly string[];
  /** What readiness needs, by name. */
  checks(): Promise<Readonly<Record<string, boolean>>>;
  /** From then on members of this gateway count as connected. */
  startHeartbeat(): Promise<void>;
  close(): Promise<void>;
}
