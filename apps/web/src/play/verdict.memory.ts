import type { AnswerResult, OwnAnswer } from '#libs/client';
import { VERDICTS } from '#libs/protocol/wire';
import type { WebStore } from '../room/seat.storage.js';

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function readAnswer(text: string | null, runId: number): OwnAnswer | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (typeof value !== 'object' || value === null) return null;
    const answer = value as Partial<Record<keyof OwnAnswer, unknown>>;
    const isKnown = VERDICTS.some((verdict) => verdict === answer.verdict);
    const isTimed = isTime(answer.receivedAt) && isTime(answer.elapsedMs);
    const isLateness = answer.lateByMs === undefined || isTime(answer.lateByMs);
    return answer.runId === runId && isKnown && isTimed && isLateness ? (value as OwnAnswer) : null;
  } catch {
    return null;
  }
}

/**
 * The last verdict that this tab was told, for a reload: the server tells whoever comes back of an answer that counts, not of
 * one that was refused.
 */
export class VerdictMemory {
  private readonly key: string;

  constructor(
    pin: string,
    private readonly tab: WebStore,
  ) {
    this.key = `quizbell.verdict.${pin}`;
  }

  keep(result: AnswerResult, runId: number): void {
    this.tab.setItem(this.key, JSON.stringify({ ...result, runId }));
  }

  /** Whoever comes next in this tab is somebody else. */
  forget(): void {
    this.tab.removeItem(this.key);
  }

  /** Null if the last one was of another run. */
  of(runId: number | null): OwnAnswer | null {
    return runId === null ? null : readAnswer(this.tab.getItem(this.key), runId);
  }
}
