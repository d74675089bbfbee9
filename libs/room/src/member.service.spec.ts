import { beforeEach, describe, expect, it } from '@jest/globals';
import { durationMs, epochMs, newRoom } from '#libs/timer-core';
import type { MemberStore, Role, RoomSettings } from './member.ports.js';
import { type Admitted, MAX_AWAY_LISTED, MemberService } from './member.service.js';
import { MemoryMemberStore } from './memory/memory.member.store.js';
import { MemoryRoomStore } from './memory/memory.room.store.js';
import { MemoryRooms } from './memory/memory.rooms.js';
import { StoreUnavailableError } from './room.ports.js';
import { as, refusal } from './room.service.spec-helper.js';

const MAX_PLAYERS = 3;
const HERE = { away: false };
const ALL = { away: true };
const NOW = epochMs(1_700_000_000_000);

let rooms: MemoryRoomStore;
let store: MemoryMemberStore;
let service: MemberService;
let told: string[];
let lastRoom = 0;

beforeEach(() => {
  const memory = new MemoryRooms(() => NOW);
  rooms = new MemoryRoomStore({
    memory,
    publish: () => {},
    changed: () => {},
    retentionMs: durationMs(1_000),
  });
  told = [];
  store = new MemoryMemberStore(memory, {
    publish: (channel, { event, payload }, except) =>
      told.push(`${channel} ${event} ${payload.reason}${except === undefined ? '' : ` but ${except}`}`),
    channel: (audience, _, playerId) => `${audience}:${playerId}`,
  });
  service = new MemberService(store, { maxPlayers: MAX_PLAYERS });
});

async function newRoomWith(settings: RoomSettings = {}): Promise<string> {
  const roomId = `r${++lastRoom}`;
  const state = newRoom({
    roomId,
    pin: String(lastRoom).padStart(6, '0'),
    idleMs: durationMs(1_000),
    now: NOW,
  });
  await rooms.create({ state, settings });
  return roomId;
}
/** Admission and entry, as a join does them. */
async function join(
  roomId: string,
  playerId: string,
  role: Role = 'player',
  name = playerId,
  connection = 'c',
) {
  const admitted = await service.admission(roomId, { playerId, role });
  if (admitted.kind === 'refused') return admitted;
  const member = { playerId, role, name };
  return service.enter(admitted, { connection, member, nameKey: name.toLowerCase() });
}
const host = { playerId: null, role: 'host' } as const;

describe('the roster', () => {
  it('has who is away only on request', async () => {
    const roomId = await newRoomWith();
    await join(roomId, 'p1');
    await join(roomId, 'h', 'host');
    await service.leave(roomId, 'p1', 'c');
    const listed = async (choice: typeof HERE) => {
      const { members, more } = as('roster', await service.roster(roomId, 'h', choice));
      return [...members.map(({ playerId, connected }) => [playerId, connected]), more];
    };
    expect(await listed(HERE)).toEqual([['h', true], 0]);
    expect(await listed(ALL)).toEqual([['h', true], ['p1', false], 0]);
  });

  it('leaves out no one who is connected, and counts who is away beyond what it lists', async () => {
    const player = (playerId: string, connected: boolean) =>
      ({ playerId, role: 'player', name: playerId, connected }) as const;
    const members = Array.from({ length: 2 * MAX_AWAY_LISTED + 6 }, (_, i) => player(`p${i}`, i % 2 === 1));
    const full = { roster: async () => members, admission: async () => null } as Partial<MemberStore>;
    const found = as(
      'roster',
      await new MemberService(full as MemberStore, { maxPlayers: 9 }).roster('r', 'h', ALL),
    );
    expect(found.more).toBe(3);
    expect(found.members.filter(({ connected }) => connected)).toHaveLength(MAX_AWAY_LISTED + 3);
    expect(found.members).toHaveLength(members.length - 3);
  });
});

describe('joining', () => {
  it('gives a seat and the name in this room', async () => {
    const roomId = await newRoomWith();
    expect(await join(roomId, 'p1', 'player', 'Ada')).toEqual({ kind: 'entered', name: 'Ada' });
    expect(await join(roomId, 'p2', 'player', 'ada')).toEqual({ kind: 'entered', name: 'ada (2)' });
    expect(as('roster', await service.roster(roomId, 'p1', HERE)).members).toEqual([
      { playerId: 'p1', role: 'player', name: 'Ada', connected: true },
      { playerId: 'p2', role: 'player', name: 'ada (2)', connected: true },
    ]);
    expect((await service.leave(roomId, 'p1', 'c')).kind).toBe('left');
    expect(as('presence', await service.presence(roomId))).toEqual({
      kind: 'presence',
      settings: {},
      presence: { players: 1, spectators: 0, hostConnected: false },
    });
  });

  it('finds no room that is not there', async () => {
    expect(refusal(await service.admission('nonsense'))).toBe('room_not_found');
    expect(refusal(await service.presence('nonsense'))).toBe('room_not_found');
    const gone: Admitted = { kind: 'admitted', roomId: 'gone', maxPlayers: 1, secondConnection: 'replace' };
    const member = { playerId: 'p', role: 'player', name: 'P' } as const;
    expect(refusal(await service.enter(gone, { connection: 'c', member, nameKey: 'p' }))).toBe(
      'room_not_found',
    );
  });

  it('is limited by the room’s own number of players, which cannot pass the service’s', async () => {
    const small = await newRoomWith({ maxPlayers: 1 });
    const greedy = await newRoomWith({ maxPlayers: MAX_PLAYERS + 1 });
    expect(await service.admission(small)).toMatchObject({ maxPlayers: 1 });
    expect(await service.admission(greedy)).toMatchObject({ maxPlayers: MAX_PLAYERS });
    await join(small, 'p1');
    for (let i = 0; i < MAX_PLAYERS; i++) await join(greedy, `p${i}`);
    for (const roomId of [small, greedy]) {
      expect(refusal(await service.admission(roomId))).toBe('room_full');
      expect(refusal(await service.admission(roomId, { playerId: 'new', role: 'player' }))).toBe('room_full');
    }
  });

  it('of a full room is open to members who are connected, to hosts and to screens', async () => {
    const roomId = await newRoomWith({ maxPlayers: 1 });
    await join(roomId, 'p1');
    expect((await join(roomId, 'p1', 'player', 'p1', 'c2')).kind).toBe('entered');
    expect(told).toEqual(['player:p1 member:removed replaced but c2']);
    for (const role of ['host', 'co-host', 'spectator'] as const)
      expect((await join(roomId, role, role)).kind).toBe('entered');
  });

  it('is decided when entering: who was admitted may find the room full', async () => {
    const roomId = await newRoomWith({ maxPlayers: 1 });
    const admitted = as('admitted', await service.admission(roomId));
    await join(roomId, 'p1');
    const member = { playerId: 'p2', role: 'player', name: 'P' } as const;
    expect(refusal(await service.enter(admitted, { connection: 'c', member, nameKey: 'p' }))).toBe(
      'room_full',
    );
  });

  it('by a second connection is a conflict where the room wants it so', async () => {
    const roomId = await newRoomWith({ secondConnection: 'refuse' });
    await join(roomId, 'p1');
    expect(await join(roomId, 'p1', 'player', 'p1', 'c2')).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('connected elsewhere'),
    });
    await service.leave(roomId, 'p1', 'c');
    expect((await join(roomId, 'p1', 'player', 'p1', 'c2')).kind).toBe('entered');
  });

  it('is forbidden to who was removed, and under the name of who was banned', async () => {
    const roomId = await newRoomWith();
    await join(roomId, 'p1', 'player', 'Ada');
    const admitted = as('admitted', await service.admission(roomId));
    await service.remove(roomId, host, 'p1', 'banned');
    const forbidden = { kind: 'refused', code: 'forbidden', message: 'You were removed from this room.' };
    expect(await service.admission(roomId, { playerId: 'p1', role: 'player' })).toEqual(forbidden);
    const entering = (playerId: string) =>
      service.enter(admitted, {
        connection: 'c',
        member: { playerId, role: 'player', name: 'ADA' },
        nameKey: 'ada',
      });
    expect(await entering('p1')).toEqual(forbidden);
    expect(await entering('p2')).toMatchObject({ code: 'forbidden', field: 'name' });
  });
});

describe('removing', () => {
  const roles = ['host', 'co-host', 'player', 'spectator'] as const;

  it.each([
    ['host', ['co-host', 'player', 'spectator']],
    ['co-host', ['player', 'spectator']],
    ['player', []],
    ['spectator', []],
  ] as const)('by a %s is allowed for %j', async (by, allowed) => {
    const roomId = await newRoomWith();
    for (const role of roles) await join(roomId, role, role);
    for (const role of roles) {
      const result = await service.remove(roomId, { playerId: 'me', role: by }, role, 'kicked');
      const isAllowed = (allowed as readonly string[]).includes(role);
      expect(isAllowed ? result.kind : refusal(result)).toBe(isAllowed ? 'removed' : 'forbidden');
    }
    const left = as('roster', await service.roster(roomId, 'me', HERE)).members.map(({ role }) => role);
    expect(left).toEqual(roles.filter((role) => !(allowed as readonly string[]).includes(role)));
  });

  it('by an API key is as by a host; the member is told once', async () => {
    const roomId = await newRoomWith();
    await join(roomId, 'p1');
    expect(await service.remove(roomId, host, 'p1', 'kicked')).toEqual({ kind: 'removed' });
    expect(await service.remove(roomId, host, 'p1', 'banned')).toEqual({ kind: 'removed' });
    expect(told).toEqual(['player:p1 member:removed kicked']);
  });

  // A gateway that did not hear of it goes on taking their commands.
  it('by a co-host who was removed is forbidden, and so is the roster', async () => {
    const roomId = await newRoomWith();
    await join(roomId, 'co', 'co-host');
    await join(roomId, 'p1');
    const by = { playerId: 'co', role: 'co-host' } as const;
    await service.remove(roomId, host, 'co', 'kicked');
    expect(refusal(await service.remove(roomId, by, 'p1', 'kicked'))).toBe('forbidden');
    expect(refusal(await service.roster(roomId, 'co', HERE))).toBe('forbidden');
    expect(
      as('roster', await service.roster(roomId, 'p1', HERE)).members.map(({ playerId }) => playerId),
    ).toEqual(['p1']);
    expect(
      await service.seatLosses(
        roomId,
        [by, { playerId: 'p1' }].map(({ playerId }) => ({ playerId, connection: 'c' })),
      ),
    ).toEqual({
      kind: 'losses',
      losses: ['kicked', null],
    });
  });

  it('of oneself is forbidden, also for a host of a player’s id', async () => {
    const roomId = await newRoomWith();
    await join(roomId, 'p1');
    expect(refusal(await service.remove(roomId, { playerId: 'p1', role: 'host' }, 'p1', 'kicked'))).toBe(
      'forbidden',
    );
  });

  it('of a stranger finds nobody; who may remove nobody learns nothing of who is here', async () => {
    const roomId = await newRoomWith();
    expect(await service.remove(roomId, host, 'x', 'kicked')).toMatchObject({
      code: 'not_found',
      field: 'playerId',
    });
    expect(refusal(await service.remove(roomId, { playerId: 'p', role: 'player' }, 'x', 'kicked'))).toBe(
      'forbidden',
    );
    expect(refusal(await service.remove('nonsense', host, 'x', 'kicked'))).toBe('room_not_found');
  });
});

it('while the store is away everything is unavailable, and a fault of ours stays an exception', async () => {
  const failing = (error: Error) =>
    new MemberService(new Proxy({} as MemberStore, { get: () => () => Promise.reject(error) }), {
      maxPlayers: 1,
    });
  const off = failing(new StoreUnavailableError('away'));
  const admitted: Admitted = { kind: 'admitted', roomId: 'r', maxPlayers: 1, secondConnection: 'replace' };
  const member = { playerId: 'p', role: 'player', name: 'P' } as const;
  const calls = [
    off.admission('r'),
    off.enter(admitted, { connection: 'c', member, nameKey: 'p' }),
    off.leave('r', 'p', 'c'),
    off.roster('r', 'p', HERE),
    off.seatLosses('r', [{ playerId: 'p', connection: 'c' }]),
    off.presence('r'),
    off.remove('r', host, 'p', 'kicked'),
  ];
  expect((await Promise.all(calls)).map(refusal)).toEqual(calls.map(() => 'unavailable'));
  await expect(failing(new TypeError('a bug')).roster('r', 'p', HERE)).rejects.toThrow('a bug');
});
