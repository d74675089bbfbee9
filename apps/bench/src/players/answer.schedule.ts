import type { PlannedAnswer } from './player.orders.js';

/** When a crowd answers. Instants on the server's clock. */
export interface CrowdPlan {
  readonly players: number;
  /** The processes that play them take turns, so that each is as busy as the others. */
  readonly processes: number;
  readonly fromAt: number;
  /** The first instant after the window. */
  readonly untilAt: number;
  /** Tells one question's choices from another's. */
  readonly label: string;
}

/**
 * One answer of each player at an instant of its own, evenly spread over the window and fixed ahead: a slow server gets
 * no fewer answers, and what they wait counts (an open loop).
 *
 * @returns one list for each process, whose players are numbered from 0
 */
export function planAnswers({ players, processes, fromAt, untilAt, label }: CrowdPlan): PlannedAnswer[][] {
  const stepMs = (untilAt - fromAt) / players;
  const plans: PlannedAnswer[][] = Array.from({ length: processes }, () => []);
  for (let i = 0; i < players; i++) {
    const plan = plans[i % processes];
    plan?.push({ player: plan.length, choice: `${label}-${i}`, at: fromAt + (i + 0.5) * stepMs });
  }
  return plans;
}

/** How many of the players each process plays in `planAnswers`. */
export const shareOf = (players: number, processes: number, process: number): number =>
  Math.ceil((players - process) / processes);
