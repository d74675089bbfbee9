import { describe, expect, it } from '@jest/globals';
import { FRAME_BYTES, gatewaysOfRoom, LIMITS, type PlanInputs, planFor } from './capacity.plan.js';

const HASHED = { hasTicks: true, isHashed: true };
const SPREAD = { hasTicks: true, isHashed: false };

const INPUTS: PlanInputs = {
  costs: {
    mostTurns: { gateway: 400, redis: 800 },
    gateway: {
      fixed: 10,
      sockets: 0.006,
      turns: 0.05,
      bunches: 0.04,
      messages: 0.03,
      deliveries: 0.03,
      answers: 0.2,
      commands: 1.5,
    },
    scheduler: { fixed: 10, calls: 0.06, ticks: 0.01, runs: 0.5, answers: 0.01, audits: 0.004 },
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
    gatewayMemory: { fixed: 100, sockets: 0.02, rooms: 0.005 },
    redisMemory: { fixed: 2e6, rooms: 1_500, members: 400, runs: 600, answers: 150 },
  },
  bytes: { tick: 300, question: 800 },
  connections: { gateway: 3, scheduler: 12 },
  scenario: {
    roomSize: 50,
    questionMs: 20_000,
    pauseMs: 10_000,
    tickMs: 1_000,
    answerShare: 1,
    retentionMs: 3_600_000,
  },
  prices: { coreHour: 0.04, gbHour: 0.005, egressGb: 0.05, busyHours: 120, headroom: 0.6 },
};

/** What a gateway does costs nothing. */
const FREE = {
  fixed: 0,
  sockets: 0,
  turns: 0,
  bunches: 0,
  messages: 0,
  deliveries: 0,
  answers: 0,
  commands: 0,
};

function plan(players: number, layout = HASHED, more: Partial<PlanInputs> = {}) {
  const made = planFor(players, layout, { ...INPUTS, ...more });
  if (made === null) throw new Error('no plan');
  return made;
}

describe('planFor', () => {
  it('counts by hand what 10,000 players do', () => {
    const { gateway, gateways, rooms, redis } = plan(10_000);
    // 200 rooms; a question each 30 s with 19 ticks: 200 * 19 / 30 ticks a second, each to 50 players.
    const ticks = (200 * 19) / 30;
    const events = ticks + (2 * 200) / 30;
    // Answers and starts, twice: so many calls make fewer turns of the event loop.
    const calls = 2 * (10_000 / 30) + 2 * (200 / 30);
    const cpuMs =
      10 +
      0.05 * (calls / (1 + calls / 400)) +
      // One for each 15 ms in which something is told.
      0.04 * (1_000 / 15) * (1 - Math.exp((-15 * events) / 1_000)) +
      10_000 * 0.006 +
      events * 0.03 +
      events * 50 * 0.03 +
      (10_000 / 30) * 0.2 +
      (200 / 30) * 1.5;
    expect(rooms).toBe(200);
    expect(gateways).toBe(1);
    expect(gateway.cpu).toBeCloseTo(cpuMs / 1_000, 6);
    expect(gateway.mib).toBeCloseTo(100 + 200 + 1, 6);
    expect(redis.messagesPerSecond).toBeCloseTo(events, 6);
    // The wire: the bytes of each event and of its frame, to each player.
    const bytes = (10_000 / 30) * (800 + 2 * FRAME_BYTES + 19 * (300 + FRAME_BYTES));
    expect(gateway.bytesPerSecond).toBeCloseTo(bytes, 3);
  });

  it('adds gateways until none is fuller than it may be, and not one more', () => {
    const { gateways, gateway } = plan(1_000_000);
    expect(gateway.cpu).toBeLessThanOrEqual(0.6);
    expect(gateway.sockets).toBeLessThanOrEqual(LIMITS.connections);
    // One less: the work that is divided goes to fewer, and what each has anyway stays.
    const cpuOfOneLess = ((gateway.cpu - 0.01) * gateways) / (gateways - 1) + 0.01;
    const socketsOfOneLess = 1_000_000 / (gateways - 1);
    expect(cpuOfOneLess > 0.6 || socketsOfOneLess > LIMITS.connections).toBe(true);
  });

  it('is bound by connections where CPU is cheap', () => {
    const { gateways } = plan(100_000, HASHED, { costs: { ...INPUTS.costs, gateway: FREE } });
    expect(gateways).toBe(100_000 / LIMITS.connections);
  });

  it('has more messages, more CPU and more gateways when rooms are spread over all gateways', () => {
    const [hashed, spread] = [plan(1_000_000), plan(1_000_000, SPREAD)];
    expect(spread.redis.messagesPerSecond).toBeGreaterThan(10 * hashed.redis.messagesPerSecond);
    expect(spread.gateways).toBeGreaterThan(hashed.gateways);
    expect(spread.redis.cpu).toBeGreaterThan(hashed.redis.cpu);
    expect(spread.month.total).toBeGreaterThan(hashed.month.total);
    // With one gateway there is nothing to spread over.
    expect(plan(5_000, SPREAD)).toMatchObject({ gateway: plan(5_000).gateway, redis: plan(5_000).redis });
  });

  it('is cheaper without ticks, and the scheduler does not notice', () => {
    const [ticks, tickless] = [plan(100_000), plan(100_000, { ...HASHED, hasTicks: false })];
    expect(tickless.gateways).toBeLessThan(ticks.gateways);
    expect(tickless.month.egress).toBeLessThan(ticks.month.egress / 5);
    expect(tickless.schedulerCpu).toBeCloseTo(ticks.schedulerCpu, 6);
  });

  it('names what needs a second first', () => {
    const first = (more: Partial<PlanInputs>) => plan(100_000, HASHED, more).bottlenecks[0];
    expect(first({})).toBe('gateway CPU');
    const longAgo = { ...INPUTS.scenario, retentionMs: 1_000 * 3_600_000 };
    expect(first({ scenario: longAgo })).toBe('Redis memory');
    const { redis, scheduler } = INPUTS.costs;
    expect(first({ costs: { ...INPUTS.costs, redis: { ...redis, answers: 5 } } })).toBe('Redis CPU');
    expect(first({ costs: { ...INPUTS.costs, scheduler: { ...scheduler, runs: 500 } } })).toBe(
      'scheduler CPU',
    );
  });

  it('takes more masters, and so more shards, when one Redis is not enough', () => {
    const small = plan(10_000);
    expect(small).toMatchObject({ redisMasters: 1, shards: 8, schedulers: 2 });
    expect(small.redis.connections).toBe(small.gateways * 3 + 2 * 12);
    const { redis } = INPUTS.costs;
    const busy = plan(100_000, HASHED, { costs: { ...INPUTS.costs, redis: { ...redis, answers: 0.5 } } });
    expect(busy.redisMasters).toBeGreaterThan(1);
    expect(busy.shards).toBe(8 * busy.redisMasters);
    expect(busy.redis.cpu / busy.redisMasters).toBeLessThanOrEqual(0.6);
    // Every process keeps clocks and heartbeats for all shards.
    const costs = { ...INPUTS.costs, gateway: { ...FREE, fixed: 10 }, redis: { ...redis, answers: 0.5 } };
    const idle = plan(100_000, HASHED, { costs });
    expect(idle.gateway.cpu).toBeCloseTo(0.01 * idle.redisMasters, 6);
  });

  it('has no plan when a process is full before anybody comes', () => {
    const gateway = { ...INPUTS.costs.gateway, fixed: 700 };
    expect(planFor(10, HASHED, { ...INPUTS, costs: { ...INPUTS.costs, gateway } })).toBeNull();
  });

  it('keeps what players did in the busy part of the retention time', () => {
    // Of the last hour 120 parts of 730: so many rooms ended a question each 30 s, and so many players answered.
    const kept = (3_600 / 30) * (120 / 730);
    const bytes = 2e6 + 200 * 1_500 + 10_000 * 400 + kept * (200 * 600 + 10_000 * 150);
    expect(plan(10_000).redis.mb).toBeCloseTo(bytes / 1e6, 6);
  });

  it('has one scheduler more than needed, so that one may die', () => {
    const scheduler = { ...INPUTS.costs.scheduler, runs: 1 };
    const costs = { ...INPUTS.costs, scheduler };
    const { schedulers, schedulerCpu } = plan(1_000_000, HASHED, { costs });
    expect(schedulerCpu / 0.6).toBeGreaterThan(1);
    expect(schedulers).toBe(Math.ceil(schedulerCpu / 0.6) + 1);
  });

  it('has every room looked at by an audit once a minute', () => {
    const { scheduler, redis } = INPUTS.costs;
    const dearer = { scheduler: { ...scheduler, audits: 6 }, redis: { ...redis, audits: 6 } };
    const [cheap, dear] = [plan(10_000), plan(10_000, HASHED, { costs: { ...INPUTS.costs, ...dearer } })];
    const looks = 200 / 60;
    expect(dear.schedulerCpu - cheap.schedulerCpu).toBeCloseTo((looks * (6 - 0.004)) / 1_000, 6);
    expect(dear.redis.cpu - cheap.redis.cpu).toBeCloseTo((looks * (6 - 0.003)) / 1_000, 6);
  });

  it('pays processes all the time and traffic in busy hours', () => {
    const of = (prices: Partial<PlanInputs['prices']>) =>
      plan(10_000, HASHED, { prices: { ...INPUTS.prices, ...prices } }).month;
    expect(of({ busyHours: 240 }).egress).toBeCloseTo(2 * of({}).egress, 6);
    expect(of({ egressGb: 0 }).total).toBeCloseTo(of({}).processes, 6);
    // One gateway, two schedulers, one Redis.
    expect(of({ gbHour: 0 }).processes).toBeCloseTo(4 * 730 * 0.04, 6);
  });
});

describe('gatewaysOfRoom', () => {
  it('is one with hashing, and without it all for a large room and about its size for a small one', () => {
    expect(gatewaysOfRoom(50, 100, true)).toBe(1);
    expect(gatewaysOfRoom(10_000, 10, false)).toBeCloseTo(10, 6);
    expect(gatewaysOfRoom(3, 1_000_000, false)).toBeCloseTo(3, 3);
    expect(gatewaysOfRoom(50, 1, false)).toBe(1);
  });
});
