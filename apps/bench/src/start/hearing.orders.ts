/** When the players of a process heard an event. Instants of the machine's monotonic clock, ms. */
export interface HeardEvent {
  /** How often, of all players together. */
  readonly heard: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** What a process full of players who listen can do. */
export type HearingOrders = {
  enter: { order: { readonly url: string; readonly pin: string; readonly players: number }; reply: object };
  /** Listens for the event from now on. */
  listen: { order: { readonly event: string }; reply: object };
  /** The reply comes when everybody has heard it, or as late as makes sense. */
  heard: { order: object; reply: HeardEvent };
  leave: { order: object; reply: object };
};
