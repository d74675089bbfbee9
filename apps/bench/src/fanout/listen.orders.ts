import type { HeardTicks } from './room.ticks.js';

/** A process full of members who do nothing but listen to the ticks of their rooms. */
export type ListenOrders = {
  /** Has so many more join each of the rooms; each sends one of its payloads with `room:join`. */
  join: {
    order: {
      readonly url: string;
      readonly rooms: readonly { readonly payload: object; readonly members: number }[];
    };
    reply: object;
  };
  /** What is heard counts from now on, or no more. */
  begin: { order: object; reply: object };
  end: { order: object; reply: object };
  /** What counted, of all rooms together, with a tick each `tickMs`; and who is still there. */
  take: { order: { readonly tickMs: number }; reply: HeardTicks & { readonly connected: number } };
};
