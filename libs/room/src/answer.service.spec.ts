import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Command, durationMs, type EpochMs, epochMs, IN_FLIGHT_MS, type RunId } from '#libs/timer-core';
import type { AnswerRequest, AnswerStore } from './answer.ports.js';
import {
  AnswerService,
  type AnswerServiceOptions,
  MAX_JUDGE_ATTEMPTS,
  type SubmittedAnswer,
} from './answer.service.js';
import { MemoryAnswerStore } from './memory/memory.answer.store.js';
import { MemoryRoomStore } from './memory/memory.room.store.js';
import { MemoryRooms } from './memory/memory.rooms.js';
import { type IdSource, StoreUnavailableError } from './room.ports.js';
import { RoomService } from './room.service.js';
import { act, as, refusal, start } from './room.service.spec-helper.js';

let now: EpochMs;
let memory: MemoryRooms;
let rooms: MemoryRoomStore;
let service: RoomService;
let clamped: number;
let roomId: string;

const ids = (): IdSource => {
  let count = 0;
  return { pin: () => String(100_000 + count++), token: (length) => String(count++).padStart(length, 'x') };
};
const pass = (ms: number): void => {
  now = epochMs(now + ms);
};
const serviceOn = (
  other: Partial<AnswerStore> = {},
  options: Partial<AnswerServiceOptions> = {},
): AnswerService => {
  const store = new MemoryAnswerStore(memory);
  const mixed = new Proxy(store, {
    get: (target, name) => {
      const value = name in other ? other[name as keyof AnswerStore] : target[name as keyof AnswerStore];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return new AnswerService(mixed, ids(), { clamped: () => clamped++, ...options });
};
const host = (command: Command) => service.command(roomId, command);
const addPlayer = (playerId: string): void => {
  memory
    .kept(roomId)
    ?.players.set(playerId, { member: { playerId, role: 'player', name: playerId }, nameKey: playerId });
};
const answer = (more: Partial<SubmittedAnswer> = {}): SubmittedAnswer => ({
  roomId,
  playerId: 'p1',
  name: 'Ada',
  questionId: 'q1',
  choice: '"b"',
  receivedAt: now,
  ...more,
});
const judged = async (answers: AnswerService, more: Partial<SubmittedAnswer> = {}) =>
  as('judged', await answers.submit(answer(more))).judgement;
const settle = async (): Promise<void> => {
  for (const { runId } of await rooms.schedule(0))
    if (runId !== null) await rooms.settle({ shard: 0, epoch: 1, ownerId: 'o' }, [{ roomId, runId }], true);
};
const runIds = (): RunId[] => [...(memory.kept(roomId)?.runs.keys() ?? [])];
const standing = (runId: RunId | undefined, playerId = 'p1') =>
  runId === undefined ? undefined : memory.kept(roomId)?.runs.get(runId)?.answers.get(playerId);

beforeEach(async () => {
  now = epochMs(1_700_000_000_000);
  clamped = 0;
  memory = new MemoryRooms(() => now);
  rooms = new MemoryRoomStore({
    memory,
    publish: () => {},
    changed: () => {},
    retentionMs: durationMs(1_000_000),
  });
  service = new RoomService(rooms, { now: () => now }, ids(), { idleMs: durationMs(60_000) });
  roomId = as('created', await service.createRoom({})).roomId;
  addPlayer('p1');
});

describe('an answer', () => {
  it('is judged by its run, stored, and given back', async () => {
    const answers = serviceOn();
    await host(start());
    pass(1_500);
    expect(await judged(answers, { answerId: 'a1' })).toMatchObject({
      verdict: 'accepted',
      elapsedMs: 1_500,
      receivedAt: now,
    });
    const [runId = 0 as never] = runIds();
    const { answer: kept } = as('answer', await answers.answerOf(roomId, runId, 'p1'));
    expect(kept).toMatchObject({ answerId: 'a1', choice: '"b"', name: 'Ada', verdict: 'accepted' });
    expect(as('answer', await answers.answerOf(roomId, runId, 'p2')).answer).toBeNull();
  });

  it('is stored once; a second one is a duplicate with the times of the first', async () => {
    const answers = serviceOn();
    await host(start());
    pass(100);
    const first = await judged(answers, { choice: '"a"' });
    pass(100);
    expect(await judged(answers)).toEqual({ ...first, verdict: 'duplicate' });
    expect(standing(runIds()[0])?.choice).toBe('"a"');
  });

  it('with the same id is answered as the first time, whatever has happened since', async () => {
    const answers = serviceOn();
    await host(start());
    await host(act('question:pause'));
    pass(100);
    const first = await judged(answers, { answerId: 'a1' });
    expect(first.verdict).toBe('paused');
    await host(act('question:resume'));
    pass(100);
    expect(await judged(answers, { answerId: 'a1' })).toMatchObject(first);
    const second = await judged(answers, { answerId: 'a2' });
    expect(second.verdict).toBe('accepted');
    pass(100);
    expect(await judged(answers, { answerId: 'a2' })).toMatchObject(second);
  });

  it('that was received in time counts though the question has closed, and is late after that', async () => {
    const answers = serviceOn();
    await host(start({ durationMs: durationMs(5_000) }));
    pass(4_999);
    const inTime = now;
    pass(500);
    await host(act('question:stop')); // finds the deadline passed, and closes
    expect(await judged(answers, { receivedAt: inTime })).toMatchObject({ verdict: 'accepted' });
    addPlayer('p2');
    expect(await judged(answers, { playerId: 'p2' })).toMatchObject({ verdict: 'late', lateByMs: 499 });
  });

  it('that took longer than an answer may be in flight is judged by a later instant, and counted', async () => {
    const answers = serviceOn();
    await host(start({ durationMs: durationMs(5_000) }));
    pass(4_000);
    const inTime = now;
    pass(IN_FLIGHT_MS + 1_500);
    expect(await judged(answers, { receivedAt: inTime })).toMatchObject({ verdict: 'late', lateByMs: 500 });
    expect(clamped).toBe(1);
  });

  it('from the future is judged by now', async () => {
    const answers = serviceOn();
    await host(start());
    expect(await judged(answers, { receivedAt: epochMs(now + 60_000) })).toMatchObject({
      verdict: 'accepted',
      receivedAt: now,
    });
    expect(clamped).toBe(1);
  });

  it('to a run that is settled is told late, and is not stored', async () => {
    const answers = serviceOn();
    await host(start({ durationMs: durationMs(5_000) }));
    pass(60_000);
    await host({ ...act('question:stop'), runId: runIds()[0] } as never); // commits the expiry
    await settle();
    expect(await judged(answers)).toMatchObject({ verdict: 'late', lateByMs: 55_000 });
    const [run] = memory.kept(roomId)?.runs.values() ?? [];
    expect([run?.answers.size, run?.earlier.size]).toEqual([0, 0]);
  });

  it('to the last question counts for it while it may be in flight, and is wrong once another was settled', async () => {
    const answers = serviceOn();
    await host(start());
    pass(1_000);
    await host(act('question:stop'));
    const inTime = epochMs(now - 1);
    await host(start({ questionId: 'q2' }));
    expect(await judged(answers, { receivedAt: inTime })).toMatchObject({ verdict: 'accepted' });
    expect(await judged(answers, { questionId: 'q2' })).toMatchObject({ verdict: 'accepted' });
    pass(5_000);
    await settle();
    addPlayer('p2');
    expect(await judged(answers, { playerId: 'p2' })).toMatchObject({ verdict: 'wrong_question' });
  });

  it('that was told already is told again though its question was settled and another one is on', async () => {
    const answers = serviceOn();
    await host(start());
    pass(100);
    const first = await judged(answers, { answerId: 'a1' });
    await host(act('question:stop'));
    pass(5_000);
    await settle();
    await host(start({ questionId: 'q2' }));
    expect(await judged(answers, { answerId: 'a1' })).toMatchObject(first);
    expect((await judged(answers, { answerId: 'a2' })).verdict).toBe('wrong_question');
    expect((await judged(answers)).verdict).toBe('wrong_question');
    // Any player may ask this, so it must not cost more in a room of many runs.
    const runs = () => Promise.reject(new Error('all runs were read'));
    expect(await judged(serviceOn({ runs }), { answerId: 'a1' })).toMatchObject(first);
  });

  it('to a question that is played again counts for the run that was open when it came', async () => {
    const answers = serviceOn();
    await host(start());
    pass(1_000);
    const before = now;
    pass(1);
    await host(act('question:stop'));
    await host(start());
    await judged(answers, { receivedAt: before });
    const [first, second] = runIds();
    expect([standing(first)?.verdict, standing(second)?.verdict]).toEqual(['accepted', undefined]);
    expect((await judged(answers)).verdict).toBe('accepted');
    expect(standing(second)?.verdict).toBe('accepted');
    expect((await judged(answers, { runId: first })).verdict).toBe('duplicate');
  });

  it.each([0, 5_000])(
    'to a question that is played again counts, though only the old run is remembered, %i ms after that',
    async (ms) => {
      const answers = serviceOn();
      await host(start());
      pass(1_000);
      await judged(answers);
      await host(act('question:stop'));
      pass(ms);
      if (ms > 0) await settle();
      await host(start());
      pass(1);
      expect(await judged(answers)).toMatchObject({ verdict: 'accepted', elapsedMs: 1 });
      expect(standing(runIds()[1])?.verdict).toBe('accepted');
    },
  );

  it('in the grace of a run that is remembered as closed counts for the run that was opened since', async () => {
    const answers = serviceOn();
    const question = { durationMs: durationMs(5_000), graceMs: durationMs(2_000) };
    await host(start(question as never));
    pass(5_001);
    await host({ ...act('question:stop'), runId: runIds()[0] } as never); // commits the expiry
    expect((await judged(answers)).verdict).toBe('accepted');
    pass(500);
    await host(start());
    addPlayer('p2');
    expect(await judged(answers, { playerId: 'p2' })).toMatchObject({ verdict: 'accepted', elapsedMs: 0 });
    const [first, second] = runIds();
    expect([standing(first, 'p2'), standing(second, 'p2')?.verdict]).toEqual([undefined, 'accepted']);
  });

  it('that took too long, and finds its run settled, is counted too', async () => {
    const answers = serviceOn();
    await host(start({ durationMs: durationMs(5_000) }));
    pass(4_000);
    const inTime = now;
    pass(3_000);
    await host({ ...act('question:stop'), runId: runIds()[0] } as never); // commits the expiry
    await settle();
    expect(await judged(answers, { receivedAt: inTime })).toMatchObject({ verdict: 'late', lateByMs: 1_000 });
    expect(clamped).toBe(1);
  });

  it('of a busy gateway is not too early when it may have come after the opening', async () => {
    const answers = serviceOn();
    pass(100);
    await host(start());
    const early = { receivedAt: epochMs(now - 50) };
    expect(await judged(answers, { ...early, latestAt: epochMs(now - 1) })).toMatchObject({
      verdict: 'not_open',
    });
    expect(await judged(answers, { ...early, latestAt: now })).toMatchObject({
      verdict: 'accepted',
      receivedAt: now,
      elapsedMs: 0,
    });
  });

  it('from the future of a busy gateway cannot have come later than now', async () => {
    const answers = serviceOn();
    await host(start({ leadInMs: durationMs(3_000) } as never));
    const future = { receivedAt: epochMs(now + 4_000), latestAt: epochMs(now + 60_000) };
    expect(await judged(answers, future)).toMatchObject({ verdict: 'not_open', receivedAt: now });
    expect(clamped).toBe(1);
  });

  it('of somebody who is no player of the room is not eligible', async () => {
    const answers = serviceOn();
    await host(start());
    expect(await judged(answers, { playerId: 'stranger' })).toMatchObject({ verdict: 'not_eligible' });
  });

  it('to a question that was not started is wrong, and a room that is gone is not found', async () => {
    const answers = serviceOn();
    expect(await judged(answers)).toMatchObject({ verdict: 'wrong_question' });
    await host(start());
    expect(await judged(answers, { questionId: 'q9' })).toMatchObject({ verdict: 'wrong_question' });
    expect(await judged(answers)).toMatchObject({ verdict: 'accepted' });
    memory.rooms.clear();
    expect(refusal(await serviceOn().submit(answer()))).toBe('room_not_found');
  });

  it('may be changed where the question says so; the last one in time counts, and the ids of the others are known', async () => {
    const answers = serviceOn();
    await host(start({ mayChangeAnswer: true, durationMs: durationMs(5_000) } as never));
    pass(100);
    await judged(answers, { choice: '"a"', answerId: 'a1' });
    pass(100);
    expect(await judged(answers, { choice: '"b"', answerId: 'a2' })).toMatchObject({ verdict: 'accepted' });
    expect(await judged(answers, { choice: '"c"', answerId: 'a1' })).toMatchObject({
      verdict: 'accepted',
      elapsedMs: 100,
    });
    // Received before the one that stands, but here after it.
    expect(await judged(answers, { choice: '"d"', receivedAt: epochMs(now - 50) })).toMatchObject({
      verdict: 'duplicate',
    });
    pass(6_000);
    expect(await judged(answers, { choice: '"e"' })).toMatchObject({ verdict: 'late' });
    expect(standing(runIds()[0])?.choice).toBe('"b"');
  });
});

describe('an answer whose run changes meanwhile', () => {
  it('is judged again by the record in force when it was stored', async () => {
    let isFirst = true;
    const store = new MemoryAnswerStore(memory);
    const answers = serviceOn({
      submit: async (request: AnswerRequest) => {
        // Between the judging and the storing the host takes the time away.
        if (isFirst) await host({ ...act('question:stop') });
        isFirst = false;
        return store.submit(request);
      },
    });
    await host(start());
    pass(1_000);
    expect(await judged(answers)).toMatchObject({ verdict: 'not_open' });
    expect(standing(runIds()[0])).toBeUndefined();
  });

  it('is given up when that never ends: unknown, ask again', async () => {
    let tries = 0;
    const answers = serviceOn({
      submit: async () => {
        tries++;
        return {
          kind: 'judge-again',
          now,
          runs: [...liveNow()],
          isEligible: true,
          standing: null,
          isSettled: false,
        };
      },
    });
    const liveNow = () => [...(memory.kept(roomId)?.runs.values() ?? [])].map((run) => run.record);
    await host(start());
    expect(refusal(await answers.submit(answer()))).toBe('unavailable');
    expect(tries).toBe(MAX_JUDGE_ATTEMPTS);
  });

  it('reads the runs of a room once for many answers', async () => {
    let reads = 0;
    const store = new MemoryAnswerStore(memory);
    const answers = serviceOn({
      liveRuns: async (id: string) => {
        reads++;
        return store.liveRuns(id);
      },
    });
    await host(start());
    for (let i = 0; i < 20; i++) {
      addPlayer(`q${i}`);
      expect((await judged(answers, { playerId: `q${i}` })).verdict).toBe('accepted');
    }
    expect(reads).toBe(1);
  });

  it('forgets the runs of the room that was heard of longest ago', async () => {
    const reads: string[] = [];
    const store = new MemoryAnswerStore(memory);
    const liveRuns = async (id: string) => {
      reads.push(id);
      return store.liveRuns(id);
    };
    const answers = serviceOn({ liveRuns }, { maxRoomsKnown: 2 });
    const roomIds: string[] = [];
    for (let i = 0; i < 3; i++) {
      roomId = as('created', await service.createRoom({})).roomId;
      roomIds.push(roomId);
      addPlayer('p1');
      await host(start());
      await judged(answers);
    }
    expect(reads).toEqual(roomIds);
    const [oldest = '', , newest = ''] = roomIds;
    for (const id of [newest, oldest]) {
      roomId = id;
      addPlayer('p2');
      expect((await judged(answers, { playerId: 'p2' })).verdict).toBe('accepted');
    }
    expect(reads.slice(3)).toEqual([oldest]);
  });

  it('that cannot be stored is unavailable, not refused', async () => {
    await host(start());
    const away = async () => {
      throw new StoreUnavailableError('away');
    };
    expect(refusal(await serviceOn({ submit: away }).submit(answer()))).toBe('unavailable');
    expect(refusal(await serviceOn({ liveRuns: away }).submit(answer()))).toBe('unavailable');
  });
});
