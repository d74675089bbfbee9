import { beforeEach, describe, expect, it } from '@jest/globals';
import { durationMs, type EpochMs, epochMs } from '#libs/timer-core';
import { MemoryMemberStore } from './memory/memory.member.store.js';
import { MemoryRoomStore } from './memory/memory.room.store.js';
import { MemoryRooms } from './memory/memory.rooms.js';
import type { PublishedEvent } from './room.events.js';
import { type IdSource, type RoomStore, StoreUnavailableError } from './room.ports.js';
import { DECISION_HOLDS_MS, MAX_COMMIT_ATTEMPTS, OWNERLESS_AFTER_MS, RoomService } from './room.service.js';
import { act, as, refusal, start } from './room.service.spec-helper.js';

const IDLE_MS = 60_000;

let now: EpochMs;
let published: PublishedEvent[];
let store: MemoryRoomStore;
let members: MemoryMemberStore;
let service: RoomService;
let names: string[];

/** Names in a fixed order, or those that a test puts into `names`. */
const ids = (): IdSource => {
  let count = 0;
  return {
    pin: () => names.shift() ?? String(100_000 + count++),
    token: (length) => String(count++).padStart(length, 'x'),
  };
};
const pass = (ms: number): void => {
  now = epochMs(now + ms);
};
/** The service on a store some of whose methods are others. */
const serviceOn = (other: Partial<RoomStore>): RoomService => {
  const mixed = new Proxy(store, {
    get: (target, name) => {
      const value = name in other ? other[name as keyof RoomStore] : target[name as keyof MemoryRoomStore];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return new RoomService(mixed, { now: () => now }, ids(), { idleMs: durationMs(IDLE_MS) });
};

beforeEach(() => {
  now = epochMs(1_700_000_000_000);
  published = [];
  names = [];
  const memory = new MemoryRooms(() => now);
  store = new MemoryRoomStore({
    memory,
    publish: (_, event) => published.push(event),
    changed: () => {},
    retentionMs: durationMs(1_000_000),
  });
  members = new MemoryMemberStore(memory, { publish: () => {}, channel: () => '' });
  service = serviceOn({});
});

const newRoom = async (settings = {}): Promise<string> =>
  as('created', await service.createRoom(settings)).roomId;
const heard = () => published.map(({ event }) => event);

describe('creating and finding a room', () => {
  it('gives a room that is found by its PIN and shows nothing started', async () => {
    const { roomId, pin } = as('created', await service.createRoom({ idleMs: 5_000 }));
    expect(as('found', await service.findByPin(pin)).roomId).toBe(roomId);
    const { snapshot, content } = as('room', await service.view(roomId));
    expect(snapshot).toMatchObject({ roomId, phase: 'idle', questionId: null, serverNow: now });
    expect(content).toBeNull();
    expect((await members.admission(roomId, null))?.settings).toEqual({ idleMs: 5_000 });
  });

  it('tries other PINs while one is taken, and gives up with a conflict', async () => {
    names = ['111111', '111111', '222222'];
    const first = as('created', await service.createRoom({}));
    const second = as('created', await service.createRoom({}));
    expect([first.pin, second.pin]).toEqual(['111111', '222222']);
    names = new Array<string>(100).fill('111111');
    expect(refusal(await service.createRoom({}))).toBe('conflict');
  });

  it('finds no room of an unknown PIN, of an unknown id, or of what is no id', async () => {
    expect(refusal(await service.findByPin('999999'))).toBe('room_not_found');
    for (const roomId of ['000abcdefghijklmnopqrstu', 'nonsense', '', '999abcdefghijklmnopqrstu']) {
      expect(refusal(await service.view(roomId))).toBe('room_not_found');
      expect(refusal(await service.command(roomId, start()))).toBe('room_not_found');
    }
  });

  it('finds no closed room', async () => {
    const roomId = await newRoom();
    expect(as('done', await service.command(roomId, act('room:close'))).repeated).toBe(false);
    expect(refusal(await service.view(roomId))).toBe('room_not_found');
    expect(refusal(await service.command(roomId, start()))).toBe('room_not_found');
  });

  it('is told to its members also when it is over, and when nobody remembers it', async () => {
    const roomId = await newRoom();
    const { snapshot } = as('done', await service.command(roomId, start(), { content: '{"text":"?"}' }));
    const present = as('room', await service.present(roomId));
    expect([present.snapshot.version, present.content]).toEqual([snapshot.version, '{"text":"?"}']);
    await service.command(roomId, act('room:close'));
    const end = as('ended', await service.present(roomId));
    expect(end.reason).toBe('host');
    expect(end.version).toBeGreaterThan(snapshot.version);
    expect(refusal(await service.present('000'.padEnd(24, 'x')))).toBe('room_not_found');
  });
});

describe('a command', () => {
  it('starts a question with its content, which later commands keep', async () => {
    const roomId = await newRoom();
    const started = as(
      'done',
      await service.command(roomId, start(), { content: '{"text":"?"}', correct: '"a"' }),
    );
    expect(started).toMatchObject({ repeated: false, content: '{"text":"?"}', snapshot: { phase: 'open' } });
    expect(started.snapshot.remainingMs).toBe(20_000);
    pass(5_000);
    const paused = as('done', await service.command(roomId, act('question:pause')));
    expect(paused).toMatchObject({
      content: '{"text":"?"}',
      snapshot: { phase: 'paused', remainingMs: 15_000 },
    });
    expect(as('room', await service.view(roomId)).content).toBe('{"text":"?"}');
    expect(store.runOf(roomId, started.snapshot.runId ?? (0 as never))).toMatchObject({ correct: '"a"' });
    await service.command(roomId, act('question:stop'));
    const second = as('done', await service.command(roomId, start({ questionId: 'q2' })));
    expect(second.content).toBeNull();
    expect(published.map(({ payload }) => payload.content)).toEqual([
      { text: '?' },
      { text: '?' },
      { text: '?' },
      undefined,
    ]);
  });

  it('that is refused changes and tells nothing', async () => {
    const roomId = await newRoom();
    expect(refusal(await service.command(roomId, act('question:pause')))).toBe('wrong_phase');
    await service.command(roomId, start());
    expect(refusal(await service.command(roomId, start()))).toBe('question_active');
    expect(heard()).toEqual(['question:started']);
  });

  it('that comes again has no second effect and gets the present snapshot', async () => {
    const roomId = await newRoom();
    const first = as('done', await service.command(roomId, start({ commandId: 'c1' }), { content: '1' }));
    pass(4_000);
    const again = as('done', await service.command(roomId, start({ commandId: 'c1' }), { content: '1' }));
    expect(again).toMatchObject({ repeated: true, content: '1', snapshot: { remainingMs: 16_000 } });
    expect(again.snapshot.version).toBe(first.snapshot.version);
    expect(heard()).toHaveLength(1);
    expect(await service.command(roomId, act('question:stop', 'c1'))).toMatchObject({
      code: 'invalid_payload',
      field: 'commandId',
    });
  });

  it('commits what became due with it', async () => {
    const roomId = await newRoom();
    await service.command(roomId, start(), { content: '"old"' });
    pass(30_000);
    await service.command(roomId, start({ questionId: 'q2' }), { content: '"new"' });
    expect(heard()).toEqual(['question:started', 'question:closed', 'question:started']);
    expect(published.map(({ payload }) => payload.content)).toEqual(['old', 'old', 'new']);
  });

  it('is decided anew when another was faster, on what the other left', async () => {
    const roomId = await newRoom();
    const results = await Promise.all([
      service.command(roomId, start({ questionId: 'a' })),
      service.command(roomId, start({ questionId: 'b' })),
    ]);
    expect(results.map((result) => result.kind).sort()).toEqual(['done', 'refused']);
    expect(heard()).toEqual(['question:started']);
  });

  it('is a conflict when others were faster every time', async () => {
    const roomId = await newRoom();
    let attempts = 0;
    const losing = serviceOn({
      commit: async ({ change }) => {
        attempts++;
        return { committed: false, why: 'version', now, current: await store.load(change.state.roomId) };
      },
    });
    expect(refusal(await losing.command(roomId, start()))).toBe('conflict');
    expect(attempts).toBe(MAX_COMMIT_ATTEMPTS);
    expect(heard()).toEqual([]);
  });

  it('asks to be committed before time changes what it was decided on, and soon', async () => {
    const roomId = await newRoom();
    await service.command(roomId, start({ durationMs: durationMs(1_500) }));
    const windows: number[] = [];
    const watched = serviceOn({
      commit: (request) => {
        windows.push(request.notAfterAt - now);
        return store.commit(request);
      },
    });
    pass(100);
    await watched.command(roomId, act('question:pause', 'a'));
    pass(10);
    await watched.command(roomId, act('question:resume', 'b'));
    pass(1_000);
    await watched.command(roomId, act('question:pause', 'c'));
    expect(windows).toEqual([DECISION_HOLDS_MS, DECISION_HOLDS_MS, 400]);
  });

  // A gateway that did not hear of it goes on taking their commands.
  it('of a member who was removed is forbidden; API keys are not asked for, nor rooms that cannot be', async () => {
    const roomId = await newRoom();
    const asked: string[] = [];
    const watched = serviceOn({
      isRemoved: async (id, actor) => {
        asked.push(actor);
        return store.isRemoved(id, actor);
      },
    });
    const seat = { roomId, playerId: 'co', connection: 'c1' };
    const member = { playerId: 'co', role: 'co-host', name: 'Co' } as const;
    await members.enter({ ...seat, member, nameKey: 'co', maxPlayers: 9, secondConnection: 'replace' });
    await members.remove(roomId, 'co', 'kicked');
    expect(refusal(await watched.command(roomId, start({ actor: 'co' })))).toBe('forbidden');
    expect(heard()).toEqual([]);
    expect((await watched.command(roomId, start({ actor: 'h' }))).kind).toBe('done');
    expect((await watched.command(roomId, { ...act('question:stop'), actor: 'api:1' })).kind).toBe('done');
    expect(refusal(await watched.command('nonsense', start({ actor: 'co' })))).toBe('room_not_found');
    expect(asked).toEqual(['co', 'h']);
  });

  it('of a room that goes while it is decided finds none', async () => {
    const roomId = await newRoom();
    const vanishing = serviceOn({
      commit: async () => ({ committed: false, why: 'gone', now, current: null }),
    });
    expect(refusal(await vanishing.command(roomId, start()))).toBe('room_not_found');
  });
});

describe('when something is away', () => {
  it('commands are unavailable once the shard has had no owner for three seconds; reading still works', async () => {
    const roomId = await newRoom();
    const owned = (agoMs: number) =>
      serviceOn({
        load: async (id) => {
          const room = await store.load(id);
          return room && { ...room, ownedUntilAt: epochMs(now - agoMs) };
        },
      });
    const ownerless = owned(OWNERLESS_AFTER_MS + 1);
    expect(refusal(await ownerless.command(roomId, start()))).toBe('unavailable');
    expect(as('room', await ownerless.view(roomId)).snapshot.phase).toBe('idle');
    expect((await owned(OWNERLESS_AFTER_MS).command(roomId, start())).kind).toBe('done');
  });

  it('everything is unavailable while the store is, and a fault of ours stays an exception', async () => {
    const roomId = await newRoom();
    const down = async (): Promise<never> => {
      throw new StoreUnavailableError('Command timed out');
    };
    const off = serviceOn({
      create: down,
      findByPin: down,
      load: down,
    });
    const calls = [
      off.createRoom({}),
      off.findByPin('123456'),
      off.view(roomId),
      off.command(roomId, start()),
    ];
    expect((await Promise.all(calls)).map(refusal)).toEqual(calls.map(() => 'unavailable'));
    expect(refusal(await serviceOn({ commit: down }).command(roomId, start()))).toBe('unavailable');
    const broken = serviceOn({ load: () => Promise.reject(new TypeError('a bug')) });
    await expect(broken.view(roomId)).rejects.toThrow('a bug');
  });
});

describe('an idle room', () => {
  it('is over for everybody at its end, before its owner has closed it', async () => {
    const roomId = await newRoom();
    pass(IDLE_MS - 1);
    expect((await service.view(roomId)).kind).toBe('room');
    pass(1);
    expect(refusal(await service.view(roomId))).toBe('room_not_found');
    expect(refusal(await service.command(roomId, start()))).toBe('room_not_found');
    expect(heard()).toEqual([]);
  });

  it('is not over while somebody is connected, nor soon after', async () => {
    const roomId = await newRoom();
    const seat = { roomId, playerId: 'h', connection: 'c1' };
    const member = { playerId: 'h', role: 'host', name: 'Host' } as const;
    await members.enter({ ...seat, member, nameKey: 'host', maxPlayers: 9, secondConnection: 'replace' });
    pass(10 * IDLE_MS);
    expect((await service.view(roomId)).kind).toBe('room');
    expect((await service.command(roomId, start())).kind).toBe('done');
    await service.command(roomId, act('question:stop'));
    pass(IDLE_MS);
    await members.leave(seat);
    pass(IDLE_MS - 1);
    expect((await service.view(roomId)).kind).toBe('room');
    pass(1);
    expect(refusal(await service.view(roomId))).toBe('room_not_found');
  });
});
