/** A room that players enter. */
export interface EnteredRoom {
  readonly pin: string;
  /** Its host comes too, and hears how many have answered. */
  readonly hostToken?: string;
}

/** So many answers in a time, each of another player. */
export interface AnswerLoad {
  readonly answers: number;
  readonly perSecond: number;
  /** Who answers when. */
  readonly seed: number;
}

/** What became of the answers of one load. */
export interface AnswerTimes {
  /** From the instant at which each was due until its verdict was read, ms. */
  readonly latencyMs: readonly number[];
  /** How much later than due they were sent, ms: the bench's own part of it. */
  readonly sentLateMs: readonly number[];
  /** From the first instant to the last verdict. */
  readonly tookMs: number;
  /** Acknowledgements that were no acceptance, by their text; and how many never came. */
  readonly others: readonly string[];
}

/** What a process full of players who answer can do. */
export type AnsweringOrders = {
  enter: {
    order: { readonly url: string; readonly rooms: readonly EnteredRoom[]; readonly perRoom: number };
    reply: object;
  };
  /** The reply comes when no heartbeat will be due for `QUIET_MS`. */
  quiet: { order: object; reply: object };
  /** `runIds` of the rooms' open questions. The reply comes when all are answered, or as late as makes sense. */
  answer: {
    order: AnswerLoad & { readonly questionId: string; readonly runIds: readonly number[] };
    reply: AnswerTimes;
  };
};
