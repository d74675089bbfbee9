import { beforeEach, describe, expect, it } from '@jest/globals';
import { durationMs, type EpochMs, epochMs } from '#libs/timer-core';
import { MemoryRoomStore } from './memory/memory.room.store.js';
import { MemoryRooms } from './memory/memory.rooms.js';
import { newRoomId } from './room.id.js';
import { RoomService } from './room.service.js';
import { act, as, refusal, start } from './room.service.spec-helper.js';

const IDLE_MS = 60_000;
const ROOM_ID = newRoomId({ token: (length) => 'a'.repeat(length) }, 0);

let now: EpochMs;
let memory: MemoryRooms;
let store: MemoryRoomStore;
let service: RoomService;

const pass = (ms: number): void => {
  now = epochMs(now + ms);
};
const open = async () => (await service.openRoom(ROOM_ID, {})).kind;
const startIt = () => service.command(ROOM_ID, start());
const versionNow = async () => (await store.load(ROOM_ID))?.state.version ?? 0;

beforeEach(() => {
  now = epochMs(1_700_000_000_000);
  memory = new MemoryRooms(() => now);
  store = new MemoryRoomStore({
    memory,
    publish: () => {},
    changed: () => {},
    retentionMs: durationMs(1_000_000),
    maxRooms: 2,
  });
  const ids = { pin: () => '123456', token: (length: number) => 'b'.repeat(length) };
  service = new RoomService(store, { now: () => now }, ids, { idleMs: durationMs(IDLE_MS) });
});

describe('opening the room of an id', () => {
  it('makes it, and only once', async () => {
    expect(refusal(await startIt())).toBe('room_not_found');
    expect(await Promise.all([open(), open(), open()])).toEqual(['open', 'open', 'open']);
    const { snapshot } = as('done', await startIt());
    expect(await open()).toBe('open');
    expect(as('room', await service.view(ROOM_ID)).snapshot).toMatchObject({
      runId: snapshot.runId,
      phase: 'open',
    });
  });

  it('makes it anew when it is over, under a higher version though the clock stands still', async () => {
    await open();
    await startIt();
    as('done', await service.command(ROOM_ID, act('room:close')));
    const before = await versionNow();
    expect(before).toBeGreaterThan(now);
    expect(await open()).toBe('open');
    expect(await versionNow()).toBeGreaterThan(before);
    as('done', await startIt());
  });

  it('is a conflict while its idle end has come and nobody has committed it', async () => {
    await open();
    pass(IDLE_MS);
    expect(refusal(await service.openRoom(ROOM_ID, {}))).toBe('conflict');
  });

  it('leads nobody there by a PIN of six digits', async () => {
    await open();
    expect(as('room', await service.view(ROOM_ID)).state.pin).toBe(ROOM_ID);
  });

  it('is refused when the service is full, and for what is no room id', async () => {
    const otherId = (letter: string) => newRoomId({ token: (length) => letter.repeat(length) }, 0);
    await Promise.all(['x', 'y'].map((letter) => service.openRoom(otherId(letter), {})));
    expect(await service.openRoom(ROOM_ID, {})).toMatchObject({ code: 'rate_limited', retryAfterMs: 60_000 });
    expect(refusal(await service.openRoom('no-room', {}))).toBe('room_not_found');
  });
});
