import { describe, expect, it } from '@jest/globals';
import { planAnswers, shareOf } from './answer.schedule.js';

describe('planAnswers', () => {
  const plans = planAnswers({ players: 5, processes: 2, fromAt: 1_000, untilAt: 2_000, label: 'q1' });

  it('gives every player one instant of their own, evenly spread within the window', () => {
    const instants = plans.flat().map(({ at }) => at);
    expect(instants.toSorted((a, b) => a - b)).toEqual([1_100, 1_300, 1_500, 1_700, 1_900]);
  });

  it('lets the processes take turns, each numbering its players from 0', () => {
    expect(plans.map((plan) => plan.map(({ player, at }) => [player, at]))).toEqual([
      [
        [0, 1_100],
        [1, 1_500],
        [2, 1_900],
      ],
      [
        [0, 1_300],
        [1, 1_700],
      ],
    ]);
  });

  it('has no two players choose the same, so that one answer cannot stand for another', () => {
    const choices = plans.flat().map(({ choice }) => choice);
    expect(new Set(choices).size).toBe(5);
    expect(choices.every((choice) => choice.startsWith('q1-'))).toBe(true);
  });

  it('shares the players out as `shareOf` says', () => {
    for (const [players, processes] of [
      [5, 2],
      [7, 3],
      [4, 4],
      [1, 2],
    ] as const) {
      const lengths = planAnswers({ players, processes, fromAt: 0, untilAt: 1, label: '' }).map(
        (plan) => plan.length,
      );
      expect(lengths).toEqual(Array.from({ length: processes }, (_, i) => shareOf(players, processes, i)));
    }
  });
});
