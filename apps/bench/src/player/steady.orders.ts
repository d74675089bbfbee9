/** What the players of a process have heard since they were asked last. */
export interface Heard {
  /** `question:started`, of all players together. */
  readonly started: number;
  readonly ticks: number;
  readonly closed: number;
  /** Everything else, by name. */
  readonly others: Readonly<Record<string, number>>;
  /** Players whose connection is open. */
  readonly connected: number;
}

/** What a process full of players who stay connected can do. */
export type SteadyOrders = {
  /** Connects players and has so many of them join each room. */
  join: {
    order: {
      readonly url: string;
      readonly pins: readonly string[];
      readonly perRoom: number;
      readonly hasTicks: boolean;
    };
    reply: object;
  };
  /**
   * Compares clocks as settled clients do: each player once per `everyMs`, at an instant of its own, for `forMs`. The reply
   * comes when all are answered.
   */
  sync: {
    order: { readonly everyMs: number; readonly forMs: number; readonly seed: number };
    reply: { readonly synced: number };
  };
  take: { order: object; reply: Heard };
  /**
   * Each player answers the question of their room, evenly spread over `forMs`, whatever became of the others. The reply comes
   * when all are judged.
   */
  answer: {
    order: {
      /** By the room's place among the PINs. */
      readonly questions: readonly { readonly questionId: string; readonly runId: number }[];
      readonly forMs: number;
    };
    reply: { readonly accepted: number };
  };
  /** Length of the last event of each name, bytes. */
  sizes: { order: object; reply: Readonly<Record<string, number>> };
};
