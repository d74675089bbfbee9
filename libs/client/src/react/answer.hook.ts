import { useMemo, useSyncExternalStore } from 'react';
import type { AnswerResult, Room } from '#libs/client';
import { AnswerDesk, type AnswerView, NO_ANSWER } from './answer.desk.js';

/** A player's answer to the current question, and how to give it. */
export interface Answering extends AnswerView {
  /**
   * Answers the current question. One at a time: while an answer is on its way, another call sends nothing and resolves with the
   * first one's. Never rejects: resolves with this answer's own verdict, or with null when there is none, and `error` says why.
   */
  readonly submit: (choice: unknown) => Promise<AnswerResult | null>;
  /** Shows neither result nor error until something is sent again. */
  readonly reset: () => void;
}

/** Sends and shows the player's answer to the current run; a new run begins with none. */
export function useAnswer(room: Room | null): Answering {
  const desk = useMemo(() => new AnswerDesk(room), [room]);
  const view = useSyncExternalStore(desk.subscribe, desk.view, () => NO_ANSWER);
  return { ...view, submit: desk.submit, reset: desk.reset };
}
