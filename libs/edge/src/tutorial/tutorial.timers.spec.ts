import { beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger, RandomIds } from '#libs/ops';
import { MemoryRoomStore, MemoryRooms, newRoomId, RoomService, StoreUnavailableError } from '#libs/room';
import { durationMs, type EpochMs, epochMs } from '#libs/timer-core';
import { QuestionTracing } from '../question.tracing.js';
import { TutorialTimers } from './tutorial.timers.js';

const IDLE_MS = durationMs(3_600_000);
const ids = new RandomIds();
const roomId = newRoomId(ids, 0);
const tracing = new QuestionTracing(createLogger({ name: 'timers', level: 'silent' }), undefined);
const DUR = durationMs(20_000);

let now: EpochMs;
let heard: string[];
let store: MemoryRoomStore;

beforeEach(() => {
  now = epochMs(1_700_000_000_000);
  heard = [];
  store = new MemoryRoomStore({
    memory: new MemoryRooms(() => now),
    publish: (_, { event, payload }) => heard.push(`${event} ${payload.reason ?? payload.durationMs}`),
    changed: () => {},
    retentionMs: durationMs(1_000_000),
  });
});

/** Timers whose store answers as `commit` says. */
function timersOn(commit: MemoryRoomStore['commit']): TutorialTimers {
  const used = Object.create(store, { commit: { value: commit } }) as MemoryRoomStore;
  const service = new RoomService(used, { now: () => now }, ids, { idleMs: IDLE_MS });
  return new TutorialTimers(service, ids, tracing);
}
const timers = () => timersOn((request) => store.commit(request));

/** A store that does what it is asked, but whose first answer to a commit never comes. */
function unanswered(): TutorialTimers {
  let isFirst = true;
  return timersOn(async (request) => {
    const result = await store.commit(request);
    if (!isFirst) return result;
    isFirst = false;
    throw new StoreUnavailableError('no answer');
  });
}

describe('a timer', () => {
  it('makes its room when it is started first, and takes the place of one that runs', async () => {
    for (const dur of [20_000, 30_000]) {
      expect(await timers().start(roomId, durationMs(dur))).toMatchObject({
        kind: 'done',
        snapshot: { phase: 'open', durationMs: dur, tickMs: 1_000, graceMs: 0 },
      });
    }
    expect(heard).toEqual(['question:started 20000', 'question:closed stopped', 'question:started 30000']);
  });

  it('is null to a stop that finds none, or one that was stopped or has expired', async () => {
    expect(await timers().stop(roomId)).toBeNull();
    await timers().start(roomId, DUR);
    expect(await timers().stop(roomId)).toMatchObject({ kind: 'done', snapshot: { reason: 'stopped' } });
    expect(await timers().stop(roomId)).toBeNull();
    await timers().start(roomId, DUR);
    now = epochMs(now + DUR);
    expect(await timers().stop(roomId)).toBeNull();
  });

  it('is made anew after its room has ended', async () => {
    await timers().start(roomId, DUR);
    const service = new RoomService(store, { now: () => now }, ids, { idleMs: IDLE_MS });
    await service.command(roomId, { type: 'room:close', actor: 'host' });
    heard = [];
    expect(await timers().start(roomId, DUR)).toMatchObject({ kind: 'done' });
    expect(heard).toEqual(['question:started 20000']);
  });

  // Tried again under another id, it would find its own run active, and stop it.
  it('is started once by a command whose answer was lost', async () => {
    expect(await unanswered().start(roomId, DUR)).toMatchObject({ kind: 'done', repeated: true });
    expect(heard).toEqual(['question:started 20000']);
  });

  it('is stopped once by a command whose answer was lost, and not one that was started since', async () => {
    await timers().start(roomId, DUR);
    const stopping = unanswered().stop(roomId);
    await new Promise((resolve) => setImmediate(resolve));
    await timers().start(roomId, DUR);
    expect(await stopping).toMatchObject({ kind: 'done', repeated: true, snapshot: { phase: 'open' } });
    expect(heard).toEqual(['question:started 20000', 'question:closed stopped', 'question:started 20000']);
  });

  it('is the last one that was started, of many at once', async () => {
    const durations = Array.from({ length: 10 }, (_, i) => durationMs((i + 1) * 1_000));
    const done = await Promise.all(durations.map((dur) => timers().start(roomId, dur)));
    expect(done.every(({ kind }) => kind === 'done')).toBe(true);
    const starts = heard.filter((event) => event.startsWith('question:started'));
    expect(starts).toHaveLength(10);
    expect(new Set(starts).size).toBe(10);
    // Each was stopped before the next began.
    expect(heard.filter((event) => event === 'question:closed stopped')).toHaveLength(9);
    for (const [i, event] of heard.entries()) {
      expect(event.startsWith('question:started')).toBe(i % 2 === 0);
    }
  });
});
