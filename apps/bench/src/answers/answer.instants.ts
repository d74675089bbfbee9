/** One answer to come. */
export interface DueAnswer {
  /** Each answers once at most. */
  readonly player: number;
  /** Milliseconds after the beginning. */
  readonly at: number;
}

/**
 * Answers of players who know nothing of each other: each at an instant of its own, anywhere in the time, and fixed ahead (an
 * open loop).
 *
 * @param random at least 0 and less than 1
 */
export function answerInstants(
  load: { readonly answers: number; readonly perSecond: number },
  players: number,
  random: () => number,
): DueAnswer[] {
  const { answers, perSecond } = load;
  if (answers > players) throw new RangeError(`${answers} answers of ${players} players`);
  const windowMs = (answers * 1_000) / perSecond;
  const order = Array.from({ length: players }, (_, player) => player);
  // The first of a shuffle that is not carried on.
  return Array.from({ length: answers }, (_, i) => {
    const j = i + Math.floor(random() * (players - i));
    const player = order[j] ?? i;
    order[j] = order[i] ?? j;
    return { player, at: random() * windowMs };
  });
}
