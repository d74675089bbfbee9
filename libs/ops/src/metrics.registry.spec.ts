import { describe, expect, it } from '@jest/globals';
import { Metrics } from './metrics.registry.js';

describe('metrics', () => {
  it('tell only of the parts that the process asked for', async () => {
    const metrics = new Metrics();
    metrics.scheduler.shardsOwned.set(3);
    const { body } = await metrics.text();
    expect(body).toContain('quizbell_shards_owned 3');
    expect(body).not.toContain('quizbell_connections');
    expect(body).not.toContain('quizbell_redis');
    expect(metrics.scheduler).toBe(metrics.scheduler);
  });

  it('read clocks and rooms when they are asked for, in seconds', async () => {
    const metrics = new Metrics();
    const reading = { shard: 2, offsetMs: -1_500, ageMs: 250 };
    metrics.redis.observeClocks(() => [reading, { ...reading, shard: 3, ageMs: 6_000 }]);
    metrics.scheduler.observeRooms(() => ({ open: 7, idle: 0 }));
    const { body } = await metrics.text();
    expect(body).toContain('quizbell_redis_clock_offset_seconds{shard="2"} -1.5');
    expect(body).toContain('quizbell_redis_clock_sample_age_seconds 6');
    expect(body).toContain('quizbell_rooms{phase="open"} 7');
  });
});
