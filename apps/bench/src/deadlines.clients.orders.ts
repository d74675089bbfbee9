/** Where one client sits. */
export interface Seat {
  /** Of the gateway. */
  readonly url: string;
  readonly pin: string;
}

/** An event as a client got it. */
export interface HeardEvent {
  /** `["<name>",{...}]` */
  readonly text: string;
  /** Redis' clock, ms, with fractions. */
  readonly receivedAt: number;
}

/** What a process full of clients who only listen can do. */
export type ClientOrders = {
  /** Whoever is there leaves, and new clients join, each the room of a PIN. */
  join: { order: { readonly seats: readonly Seat[] }; reply: object };
  /** Compares the clock with Redis', and notes what is heard of this event from now on. */
  note: { order: { readonly redisUrl: string; readonly event: string }; reply: object };
  /** Hands over what was noted. */
  take: { order: object; reply: { readonly events: readonly HeardEvent[]; readonly connected: number } };
};
