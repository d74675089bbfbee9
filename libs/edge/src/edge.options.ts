import type { Config, GatewayMetrics, Logger, ReadinessCheck, RunTraces } from '#libs/ops';
import type {
  AnswerService,
  ArrivalClock,
  IdSource,
  MemberService,
  OutcomeService,
  RateLimits,
  RoomService,
  RoomStore,
} from '#libs/room';
import type { BroadcastPort } from './broadcast.port.js';
import type { EdgeBroadcasts } from './edge.broadcasts.js';

/** What the composition root gives the edge. */
export interface EdgeOptions {
  readonly service: RoomService;
  readonly members: MemberService;
  readonly answers: AnswerService;
  readonly outcomes: OutcomeService;
  /** Names of channels and the number of shards, which both the edge and the publisher must agree on. */
  readonly store: Pick<RoomStore, 'channel' | 'shards'>;
  readonly clock: ArrivalClock;
  readonly ids: IdSource;
  readonly broadcast: BroadcastPort;
  /** Fed with every broadcast that reaches this gateway. */
  readonly broadcasts: EdgeBroadcasts;
  /** Shared by all gateways; their rates come from the configuration. */
  readonly limits: RateLimits;
  readonly config: Pick<Config, 'http' | 'access' | 'limits' | 'tutorial' | 'webhooks'>;
  readonly ready: ReadinessCheck;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  /** Absent: runs are not traced. */
  readonly traces?: RunTraces;
  /** The folder of the built pages. Absent: there are none here. */
  readonly pages?: string;
  /** Name and release of this software, as a join's ack tells it: `quizbell/0.1.0`. */
  readonly server: string;
}

/** Injection token of `EdgeOptions`. */
export const EDGE_OPTIONS = Symbol('EdgeOptions');
