import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger, Metrics } from '#libs/ops';
import { eventually } from '#libs/testing';
import type { RunId } from '#libs/timer-core';
import { MemoryOutcomes } from './memory.outcomes.js';
import type { Delivery, OutcomeDelivery } from './outcome.delivery.js';
import { type OutcomeJob, outcomeName } from './outcome.name.js';
import { OutcomeReport } from './outcome.report.js';

const run = (n: number) => ['r1', n as RunId] as const;

let tried: string[];
let answer: (run: OutcomeJob) => Delivery | Promise<Delivery>;
let metrics: Metrics;
let outcomes: MemoryOutcomes;

beforeEach(() => {
  tried = [];
  answer = () => ({ kind: 'delivered', status: 200 });
  metrics = new Metrics();
  const delivery = {
    deliver: async (job: OutcomeJob) => {
      tried.push(outcomeName(job));
      return answer(job);
    },
    stop: () => {},
  };
  outcomes = new MemoryOutcomes({
    delivery: delivery as unknown as OutcomeDelivery,
    retry: { attempts: 3, retryMs: 5, retryMaxMs: 20 },
    report: new OutcomeReport(createLogger({ name: 'test', level: 'silent' }), metrics),
    wantsEveryRun: false,
  });
});
afterEach(() => outcomes.stop());

const untilTried = (times: number) => eventually(() => tried.length === times, { message: `${times} tries` });

describe('outcomes in memory', () => {
  it('are delivered once, however often a run is told', async () => {
    await Promise.all([1, 2, 1, 1].map((n) => outcomes.runSettling(...run(n))));
    await untilTried(2);
    expect(tried).toEqual(['outcome-r1-1', 'outcome-r1-2']);
    expect(await outcomes.stop()).toBe(0);
  });

  it('are tried again until the last try, then dead', async () => {
    answer = () => ({ kind: 'failed', why: 'no' });
    await outcomes.runSettling(...run(1));
    await untilTried(3);
    expect(await outcomes.stop()).toBe(0);
    outcomes.tellDepth();
    const { body } = await metrics.text();
    expect(body).toContain('quizbell_outcome_queue_jobs{state="dead"} 1');
    expect(body).toContain('quizbell_outcome_deliveries_total{result="dead"} 1');
  });

  it('that come too early are tried again without counting', async () => {
    let left = 2;
    answer = () => (left-- > 0 ? { kind: 'later', why: 'unsettled' } : { kind: 'failed', why: 'no' });
    await outcomes.runSettling(...run(1));
    await untilTried(5);
  });

  it('are not all under way at once, and a stop says how many are lost', async () => {
    answer = () => new Promise(() => {});
    for (let n = 1; n <= 40; n++) await outcomes.runSettling(...run(n));
    await untilTried(32);
    outcomes.tellDepth();
    const { body } = await metrics.text();
    expect(body).toContain('quizbell_outcome_queue_jobs{state="active"} 32');
    expect(body).toMatch(/quizbell_outcome_queue_oldest_seconds \d+\.\d+/);
    expect(await outcomes.stop()).toBe(40);
  });
});
