import type { AnswerAudit } from './answer.audit.js';

/** All questions' answers together. */
export interface AnswerReport {
  readonly accepted: number;
  readonly late: number;
  readonly duplicate: number;
  /** Of any other verdict: who answered as the host paused. */
  readonly other: number;
  /** Answers on which nobody gave a verdict. */
  readonly unanswered: number;
  /** How many accepted answers the host heard of by `answers:count`; `null` if it heard of none. */
  readonly counted: number | null;
  /** Verdicts, counts and outcomes that contradict each other or the deadline. */
  readonly wrong: number;
}

/** Adds up what was found about the answers of each question. */
export class AnswerLedger {
  private readonly counts = new Map<string, number>();
  private readonly findings: string[] = [];
  private readonly sums = { accepted: 0, late: 0, duplicate: 0, other: 0 };
  private wrong = 0;
  private unanswered = 0;

  /** `answers:count`, as the host heard it. */
  heardCount(questionId: string, count: number): void {
    this.counts.set(questionId, count);
  }

  countOf(questionId: string): number | undefined {
    return this.counts.get(questionId);
  }

  add({ accepted, late, duplicate, other, wrong }: AnswerAudit): void {
    this.sums.accepted += accepted;
    this.sums.late += late;
    this.sums.duplicate += duplicate;
    this.sums.other += other;
    for (const what of wrong) this.noteWrong(what);
  }

  noteWrong(what: string): void {
    this.wrong += 1;
    this.findings.push(what);
  }

  noteUnanswered(what: string): void {
    this.unanswered += 1;
    this.findings.push(`no verdict for ${what}`);
  }

  report(): { answers: AnswerReport; findings: readonly string[] } {
    const { sums, unanswered, wrong, findings } = this;
    const counts = [...this.counts.values()];
    const counted = counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
    return { answers: { ...sums, unanswered, counted, wrong }, findings };
  }
}
