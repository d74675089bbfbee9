import { describe, expect, it } from '@jest/globals';
import { forecastsOf, judgedErrors } from './capacity.report.js';
import { joined } from './capacity.scene.js';
import {
  bunchesOf,
  type CapacityCosts,
  callsOf,
  fitCapacity,
  type GatewayWork,
  type SizeRound,
  sizeMedian,
  turnsOf,
  WINDOWS,
  type Window,
  type WindowReading,
} from './capacity.windows.js';
import { costOf, type Observation, type Units } from './unit.costs.js';

/** What everything costs in the world of this test. */
const WORLD: CapacityCosts = {
  mostTurns: { gateway: 400, redis: 800 },
  gateway: {
    fixed: 8,
    sockets: 0.006,
    turns: 0.05,
    bunches: 0.04,
    messages: 0.03,
    deliveries: 0.015,
    answers: 0.2,
    commands: 1.5,
  },
  scheduler: { fixed: 9, calls: 0.06, ticks: 0.01, runs: 0.5, answers: 0.01, audits: 0.004 },
  redis: {
    processes: 1,
    turns: 0.03,
    ticks: 0.005,
    runs: 0.4,
    answers: 0.06,
    hearings: 0.004,
    audits: 0.003,
  },
  redisCommands: { processes: 40, calls: 2, ticks: 3, runs: 40, answers: 12, audits: 0.5 },
  gatewayMemory: { fixed: 90, sockets: 0.02, rooms: 0.005 },
  redisMemory: { fixed: 2e6, rooms: 1_500, members: 400, runs: 600, answers: 150 },
};

/** A window as the world would have it. @param factor how much dearer everything is than it should be */
function reading(players: number, window: Window, factor = 1): WindowReading {
  const [usualRooms, smallRooms] = [players / 50, players / 3];
  const isTicking = window === 'ticks' || window === 'ears';
  const answers = window === 'quiz' ? players / 8 : 0;
  const quizTicks = isTicking || window === 'quiz' ? usualRooms * 0.9 : 0;
  const spreadTicks = isTicking ? smallRooms : 0;
  const ticks = quizTicks + spreadTicks;
  const all = window === 'starts' ? (usualRooms + smallRooms) / 5 : 0;
  const runs = window === 'quiz' ? usualRooms / 8 : all;
  const calls = callsOf(ticks);
  const turns = turnsOf(bunchesOf(ticks) + runs + answers, WORLD.mostTurns.redis);
  const rates = { ticks, runs, answers, audits: (usualRooms + smallRooms) / 5 };
  const changes = 2 * (window === 'starts' ? usualRooms / 5 : window === 'quiz' ? usualRooms / 8 : 0);
  // Half of the usual rooms do not listen to ticks.
  const quizMessages = quizTicks / 2 + changes;
  const spreadMessages = spreadTicks + (window === 'starts' ? (2 * smallRooms) / 5 : 0);
  const gateway = (messages: number, size: number, extra: Partial<Units<GatewayWork>>) => {
    const none = { fixed: 1, sockets: 0, answers: 0, commands: 0 };
    const units = { ...none, messages, deliveries: messages * size, ...extra };
    const turns = turnsOf(2 * units.answers + 2 * units.commands, WORLD.mostTurns.gateway);
    const bunches = bunchesOf(messages);
    return { units, cost: factor * costOf(WORLD.gateway, { ...units, turns, bunches }) };
  };
  const redis = {
    ...rates,
    processes: 4,
    hearings: quizMessages + spreadMessages * (window === 'ears' ? 5 : 1),
  };
  return {
    window,
    seconds: 5,
    gateways: {
      quiz: gateway(quizMessages, 50, { sockets: players, answers }),
      spread: gateway(spreadMessages, 3, { sockets: players }),
      hosts: gateway(0, 0, { commands: runs }),
    },
    scheduler: {
      units: { ...rates, fixed: 1 },
      cost: factor * costOf(WORLD.scheduler, { ...rates, calls, fixed: 1 }),
    },
    redis: { units: redis, cost: factor * costOf(WORLD.redis, { ...redis, turns }) },
    redisCommands: { units: redis, cost: costOf(WORLD.redisCommands, { ...redis, calls }) },
  };
}

function size(players: number, factors: readonly number[] = [1, 1, 1]): SizeRound[] {
  const memory = (sockets: number, rooms: number) => {
    const units = { fixed: 1, sockets, rooms };
    return { units, cost: costOf(WORLD.gatewayMemory, units) };
  };
  const kept = [0, 2 * players].flatMap((members) =>
    [0, 1, 2, 3].map((questions) => {
      // Every other one is answered by everybody.
      const [rooms, answers] = [players / 50 + players / 3, Math.ceil(questions / 2) * players];
      const units = { fixed: 1, rooms, members, runs: questions * rooms, answers };
      return { units, cost: costOf(WORLD.redisMemory, units) };
    }),
  );
  const times = <Unit extends string>(seen: Observation<Unit>, factor: number) => ({
    ...seen,
    cost: factor * seen.cost,
  });
  return factors.map((factor) => ({
    players,
    broken: [],
    windows: WINDOWS.map((window) => reading(players, window, factor)),
    gatewayMemory: {
      quiz: times(memory(players, players / 50), factor),
      spread: times(memory(players, players / 3), factor),
      hosts: times(memory(0, 0), factor),
    },
    redisMemory: kept.map((seen) => times(seen, factor)),
  }));
}

const costsBy = (...sizes: SizeRound[][]) => fitCapacity(sizes.map(sizeMedian));

describe('the capacity model', () => {
  it('finds what each unit costs from two sizes, and so the third', () => {
    const costs = costsBy(size(500), size(1_500));
    const { mostTurns, ...kinds } = WORLD;
    expect(costs.mostTurns).toEqual(mostTurns);
    for (const [kind, units] of Object.entries(kinds)) {
      const fitted: Readonly<Record<string, number>> = costs[kind as keyof typeof kinds];
      for (const [unit, cost] of Object.entries(units)) {
        expect(Math.abs((fitted[unit] ?? 0) - cost)).toBeLessThan(1e-4 * cost + 1e-6);
      }
    }
    const forecasts = forecastsOf(costs, [size(500), size(1_500), size(4_500)]);
    expect(Math.max(...forecasts.map(({ error }) => Math.abs(error)))).toBeLessThan(1e-4);
    expect(judgedErrors(forecasts).every(({ isMet }) => isMet)).toBe(true);
  });

  it('takes the median of the rounds: one that was disturbed changes nothing', () => {
    const disturbed = costsBy(size(500, [3, 1, 1]), size(1_500, [1, 9, 1]));
    expect(disturbed.gateway.answers).toBeCloseTo(WORLD.gateway.answers, 4);
    expect(disturbed.gatewayMemory.sockets).toBeCloseTo(WORLD.gatewayMemory.sockets, 4);
    expect(disturbed.redisMemory.answers).toBeCloseTo(WORLD.redisMemory.answers, 1);
  });

  it('says by how much it is off, and misses the goal beyond a quarter', () => {
    const costs = costsBy(size(500), size(1_500));
    const dearer = forecastsOf(costs, [size(500), size(1_500), size(4_500, [2, 2, 2])]);
    const errors = judgedErrors(dearer);
    expect(errors).toHaveLength(4);
    for (const { error, isMet } of errors) {
      expect(error).toBeCloseTo(0.5, 4);
      expect(isMet).toBe(false);
    }
  });

  it('is judged by the median of the rounds, each foretold by its own: a machine that was slow in one of them is no error', () => {
    // In the first round everything took twice as long, and in the last one only the largest size did.
    const bySize = [size(500, [2, 1, 1]), size(1_500, [2, 1, 1]), size(4_500, [2, 1, 2])];
    const forecasts = forecastsOf(costsBy(size(500), size(1_500)), bySize);
    const spread = forecasts.find(({ where }) => where === 'ticks, spread');
    expect(spread?.error).toBeCloseTo(-0.5, 4);
    expect(spread?.rounds.map((error) => error.toFixed(3).replace('-0.000', '0.000'))).toEqual([
      '0.000',
      '0.000',
      '-0.500',
    ]);
    expect(judgedErrors(forecasts).every(({ error }) => error < 1e-3)).toBe(true);
  });
});

describe('callsOf and bunchesOf', () => {
  it('are as many as there are ticks while they are few, and one in 15 ms when they are many: for each shard, and for all', () => {
    for (const gathered of [callsOf, bunchesOf]) {
      expect(gathered(0)).toBe(0);
      expect(gathered(0.5)).toBeCloseTo(0.5, 2);
    }
    expect(callsOf(1e6)).toBeCloseTo((8 * 1_000) / 15, 6);
    expect(bunchesOf(1e6)).toBeCloseTo(1_000 / 15, 6);
    expect(callsOf(1e6, 3) / bunchesOf(1e6, 3)).toBeCloseTo(8, 6);
  });
});

describe('turnsOf', () => {
  it('is as many as there are ticks while they are few, and never more than the most', () => {
    expect(turnsOf(1, 500)).toBeCloseTo(1, 2);
    expect(turnsOf(500, 500)).toBeCloseTo(250, 6);
    expect(turnsOf(1e9, 500)).toBeCloseTo(500, 2);
  });
});

describe('joined', () => {
  it('weighs the pieces of a window by how long they are', () => {
    const one = { ...reading(500, 'starts'), seconds: 1 };
    const two = { ...reading(500, 'idle'), seconds: 3 };
    const both = joined(one, two);
    expect(both).toMatchObject({ window: 'starts', seconds: 4 });
    expect(both.scheduler.cost).toBeCloseTo((one.scheduler.cost + 3 * two.scheduler.cost) / 4, 8);
    expect(both.redis.units.runs).toBeCloseTo(one.redis.units.runs / 4, 8);
    expect(both.gateways.hosts.units.fixed).toBe(1);
  });
});
