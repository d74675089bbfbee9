import type { EpochMs, Judgement, RunId, RunRecord, TimelineEntry, Version } from '#libs/timer-core';

/** One answer as it is kept: what was judged, and what was chosen. */
export interface AnswerRecord extends Judgement {
  readonly playerId: string;
  /** The player's name at that time. */
  readonly name: string;
  readonly answerId: string;
  /** JSON text, as the player sent it. */
  readonly choice: string;
}

/** A judged answer, to be stored if what it was judged on still holds. */
export interface AnswerRequest {
  readonly roomId: string;
  readonly runId: RunId;
  /** The version of the run's record that it was judged on. */
  readonly recordVersion: Version;
  readonly answer: AnswerRecord;
  /**
   * Whether `receivedAt` was moved by a `now` of the store before: then it may be as much as twice the time in flight ago.
   */
  readonly isClamped: boolean;
  /** The accepted answer that it was judged beside, by its `answerId`; null for none. */
  readonly standing: string | null;
}

/** The runs that an answer can be meant for, read at `now`. */
export interface LiveRuns {
  readonly now: EpochMs;
  /** The current run, the last one started, and every other that is not settled. */
  readonly runs: readonly RunRecord[];
}

export type AnswerResult =
  | { readonly kind: 'stored'; readonly now: EpochMs }
  /** This `answerId` of the player was judged before, in this run: that is the answer. */
  | { readonly kind: 'repeated'; readonly now: EpochMs; readonly judgement: Judgement }
  /** What it was judged on does not hold: judge again by this. Nothing was stored. */
  | ({
      readonly kind: 'judge-again';
      readonly isEligible: boolean;
      /** The player's accepted answer to the run of the request. */
      readonly standing: AnswerRecord | null;
      /** Nothing is stored for the run of the request any more. */
      readonly isSettled: boolean;
    } & LiveRuns);

/** A settled run and all that was answered to it: the raw material of an outcome. */
export interface SettledRun {
  readonly record: RunRecord;
  readonly settledAt: EpochMs;
  /** JSON text of the right answer, where it was given. */
  readonly correct: string | null;
  readonly timeline: readonly TimelineEntry[];
  /** The accepted answer of each player who gave one. */
  readonly answers: readonly AnswerRecord[];
  /** Answers that were refused or replaced, the last `EARLIER_ANSWERS_KEPT` of each player. */
  readonly earlier: readonly AnswerRecord[];
}

/** A run of a room, without its answers. */
export interface RunSummary {
  readonly runId: RunId;
  readonly questionId: string;
  /** Null until it is settled. */
  readonly settledAt: EpochMs | null;
}

/** How many answers of one player to one run are kept beside the one that stands: refused or replaced, the newest. */
export const EARLIER_ANSWERS_KEPT = 8;

/**
 * Answers, beside the rooms they were given in. Nothing is written to a run that is settled.
 *
 * @throws StoreUnavailableError when the store did not answer in time: then it is unknown whether a write was done
 */
export interface AnswerStore {
  /** Null when nobody remembers the room; a closed room still has runs to settle. */
  liveRuns(roomId: string): Promise<LiveRuns | null>;

  /**
   * Stores the answer if the run is not settled, its record is of the version that was judged on, the instant lies within
   * `[now - IN_FLIGHT_MS, now]`, the player is one of the room's, and their accepted answer is the one that was judged
   * beside. An accepted answer takes the place of the earlier one; it never shrinks what was accepted.
   */
  submit(request: AnswerRequest): Promise<AnswerResult>;

  /** The player's accepted answer to a run, else the last refused one; null for none. */
  answerOf(roomId: string, runId: RunId, playerId: string): Promise<AnswerRecord | null>;

  /** The run of a question that was started last; null for none that is remembered. Costs the same in a room of many runs. */
  newestRun(roomId: string, questionId: string): Promise<RunId | null>;

  /**
   * The runs that the room remembers, in the order of their starts; null when nobody remembers the room. A run is forgotten
   * some time after its answers were, never the current one.
   * `retoldAt`: when the room was last told again because the store may have lost writes; null for never.
   *
   * @param runIds only these; absent: all, which costs more the more there are
   */
  runs(
    roomId: string,
    runIds?: readonly RunId[],
  ): Promise<{ readonly runs: readonly RunSummary[]; readonly retoldAt: EpochMs | null } | null>;

  /** A settled run with its answers; null when it is not settled, or the retention time has passed since it was. */
  settledRun(roomId: string, runId: RunId): Promise<SettledRun | null>;

  /**
   * Forgets a player: record, name, seat, a ban of the name, and answers to every run of the room. What stays is the id, as
   * one that may not come back. False when nothing was known of them. Does not end the player's connection; see
   * `MemberStore.remove`.
   */
  erasePlayer(roomId: string, playerId: string): Promise<boolean>;
}
