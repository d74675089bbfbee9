import type { RunId } from '#libs/timer-core';

/** The run whose outcome is to be sent. A job holds no more: nobody's data waits in a queue. */
export interface OutcomeJob {
  readonly roomId: string;
  readonly runId: RunId;
}

/** Names a run's job, and its webhook message: a run has one of each, however often it is queued. */
export const outcomeName = ({ roomId, runId }: OutcomeJob): string => `outcome-${roomId}-${runId}`;
