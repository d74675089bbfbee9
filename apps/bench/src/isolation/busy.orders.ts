/** A process full of members of busy rooms. */
export type BusyOrders = {
  /** Has so many join each room. */
  join: {
    order: { readonly url: string; readonly payloads: readonly object[]; readonly members: number };
    reply: object;
  };
  /**
   * For so long, all members send an answer and one more member joins each room and goes again, evenly spread. The reply
   * comes when all is acknowledged.
   */
  stir: {
    order: {
      readonly url: string;
      readonly payloads: readonly object[];
      /** Null: nobody answers. */
      readonly questionId: string | null;
      readonly forMs: number;
    };
    /** How many were acknowledged and not refused. */
    reply: { readonly answers: number; readonly joins: number };
  };
};
