import { beforeEach, describe, expect, it } from '@jest/globals';
import { CANARY_BEAT_MS, CanaryWatch } from './canary.watch.js';

let now: number;
let sent: number[];
let happened: string[];
let watch: CanaryWatch;
/** Whether Redis takes canaries, brings them back, and answers questions. */
let redis: { takes: boolean; brings: boolean; answers: boolean };

beforeEach(() => {
  now = 0;
  sent = [];
  happened = [];
  redis = { takes: true, brings: true, answers: true };
  watch = new CanaryWatch({
    now: () => now,
    send: async (canary) => {
      sent.push(canary);
      if (!redis.takes) throw new Error('away');
    },
    ask: () => (redis.answers ? Promise.resolve() : new Promise(() => {})),
    reconnect: () => happened.push(`reconnect at ${now}`),
    onGap: () => happened.push(`gap at ${now}`),
  });
});

/** Lets beats pass; what was sent is heard at once. */
async function beats(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    now += CANARY_BEAT_MS;
    watch.beat();
    await settle();
  }
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  const heard = sent.splice(0);
  if (redis.takes && redis.brings) for (const canary of heard) watch.heard(canary);
}

async function restore(): Promise<void> {
  watch.restored();
  await settle();
}

describe('a watch', () => {
  it('hears nothing before it has heard its first canary, which is no gap', async () => {
    await beats(1);
    expect(watch.isHeard).toBe(false);
    await restore();
    expect(watch.isHeard).toBe(true);
    await beats(100);
    expect(happened).toEqual([]);
  });

  it('tells a gap after the connection was lost, once all is subscribed again', async () => {
    await restore();
    watch.lost();
    expect(watch.isHeard).toBe(false);
    // A canary that was subscribed before the rooms: it proves nothing.
    await beats(1);
    expect([watch.isHeard, happened]).toEqual([false, []]);
    await restore();
    expect([watch.isHeard, happened]).toEqual([true, ['gap at 1000']]);
  });

  it('takes no canary of before for a proof', async () => {
    await restore();
    redis.brings = false;
    await beats(1);
    watch.lost();
    watch.restored();
    watch.heard(2);
    expect(watch.isHeard).toBe(false);
    watch.heard(3);
    expect(happened).toEqual(['gap at 1000']);
  });

  it('asks for another connection when three canaries were taken and none was heard', async () => {
    await restore();
    redis.brings = false;
    await beats(2);
    expect([watch.isHeard, happened]).toEqual([true, []]);
    await beats(1);
    expect([watch.isHeard, happened]).toEqual([false, ['reconnect at 3000']]);
    redis.brings = true;
    await restore();
    expect(happened).toEqual(['reconnect at 3000', 'gap at 3000']);
  });

  it('asks again when the new connection is as deaf as the old one', async () => {
    await restore();
    redis.brings = false;
    await beats(9);
    expect(happened).toEqual(['reconnect at 3000', 'reconnect at 6000', 'reconnect at 9000']);
  });

  it('keeps the connection while Redis takes nothing, and tells the gap when it is heard again', async () => {
    await restore();
    redis.takes = false;
    await beats(10);
    expect([watch.isHeard, happened]).toEqual([false, []]);
    redis.takes = true;
    await beats(1);
    expect([watch.isHeard, happened]).toEqual([true, ['gap at 11000']]);
  });

  it('asks for another connection when the present one tells everything but answers nothing', async () => {
    await restore();
    redis.answers = false;
    await beats(3);
    expect(happened).toEqual([]);
    await beats(1);
    expect(happened).toEqual(['reconnect at 4000']);
  });

  it('has caught up when a canary of later than the question is heard', async () => {
    await restore();
    redis.brings = false;
    let isReached = false;
    void watch.caughtUp().then(() => {
      isReached = true;
    });
    watch.heard(1);
    await settle();
    expect(isReached).toBe(false);
    watch.heard(3);
    await settle();
    expect(isReached).toBe(true);
  });
});
