import type { AdapterKind } from '../relay/relay.options.js';

/** A room that ticks. Instants on Redis' clock, ms. */
export interface EmittedRoom {
  readonly roomId: string;
  /** Socket.IO's, of those who want ticks. */
  readonly socketRoom: string;
  readonly endsAt: number;
}

/** What a process that emits the ticks of rooms can do. */
export type EmitOrders = {
  /** Ticks from now on, until it is stopped. */
  start: {
    order: {
      readonly redisUrl: string;
      /** Before the adapter's channels. */
      readonly prefix: string;
      /** The sharded one, unless it is said. */
      readonly adapter?: AdapterKind;
      readonly tickMs: number;
      readonly rooms: readonly EmittedRoom[];
    };
    reply: object;
  };
  /** CPU time, user and kernel, since it began. */
  cpu: { order: object; reply: { readonly cpuMs: number } };
};
