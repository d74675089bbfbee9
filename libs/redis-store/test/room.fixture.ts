import { randomBytes, randomInt } from 'node:crypto';
import { expect } from '@jest/globals';
import type {
  CommitRequest,
  CommitResult,
  EnterRequest,
  Fence,
  LoadedRoom,
  MemberRecord,
  OwnerStore,
  RoomSettings,
  RoomStore,
  SettleResult,
} from '#libs/room';
import { eventuallyPasses } from '#libs/testing';
import {
  type Change,
  type Command,
  decide,
  decideDue,
  durationMs,
  type EpochMs,
  epochMs,
  newRoom,
  nextAt,
  notAfterAt,
  type RoomState,
  type RunId,
} from '#libs/timer-core';

export type Store = RoomStore & OwnerStore;

/** What becomes of one run that is settled alone. */
export async function settleOne(
  store: Pick<OwnerStore, 'settle'>,
  fence: Fence,
  roomId: string,
  runId: RunId,
  isQueued: boolean,
): Promise<SettleResult> {
  const [result] = await store.settle(fence, [{ roomId, runId }], isQueued);
  if (result === undefined) throw new Error('a run was not answered');
  return result;
}

const ID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const HOUR_MS = 3_600_000;
/** How long a decision holds (ms): far longer than the service lets it, for a machine that stands still. */
export const HOLDS_MS = 10_000;
/** So often a command is decided that comes after its window. */
const DECIDED_AT_MOST = 5;
const NOBODY = epochMs(0);

export const newRoomIdIn = (shard = 0): string =>
  `${String(shard).padStart(3, '0')}${[...randomBytes(21)].map((byte) => ID_CHARACTERS[byte % 36]).join('')}`;

/** Counts up, from anywhere: of a few hundred random PINs two are now and then the same. */
let pinsGiven = randomInt(1_000_000);

/** A PIN of the shard that was not given before. */
export function newPinIn(shard = 0, shards = 1): string {
  pinsGiven += 1;
  return String((pinsGiven % Math.floor(1_000_000 / shards)) * shards + shard).padStart(6, '0');
}

interface StartFields {
  readonly questionId?: string;
  readonly durationMs?: number;
  readonly leadInMs?: number;
  readonly graceMs?: number;
  readonly tickMs?: number;
  readonly commandId?: string;
}

/** A start with everyday values where none are given. */
export function start(fields: StartFields = {}): Command {
  const { questionId = 'q1', commandId } = fields;
  return {
    type: 'question:start',
    actor: 'host',
    questionId,
    durationMs: durationMs(fields.durationMs ?? 20_000),
    leadInMs: durationMs(fields.leadInMs ?? 0),
    graceMs: durationMs(fields.graceMs ?? 0),
    tickMs: durationMs(fields.tickMs ?? 1_000),
    ...(commandId === undefined ? {} : { commandId }),
  };
}

export const pause: Command = { type: 'question:pause', actor: 'host' };
export const stop: Command = { type: 'question:stop', actor: 'host' };
export const closeIt: Command = { type: 'room:close', actor: 'host' };

/** The entry of a player called as their id, in a room of 10, unless told otherwise. */
export function entry(
  roomId: string,
  playerId: string,
  more: Partial<Omit<EnterRequest, 'member'> & MemberRecord> = {},
): EnterRequest {
  const { name = playerId, role = 'player', ...rest } = more;
  return {
    roomId,
    connection: `${playerId}-1`,
    member: { playerId, role, name },
    nameKey: name.toLowerCase(),
    maxPlayers: 10,
    secondConnection: 'replace',
    ...rest,
  };
}

/** A new room in the store, loaded. */
export async function roomIn(
  store: Store,
  given: { shard?: number; pin?: string; idleMs?: number; settings?: RoomSettings; now: EpochMs },
): Promise<LoadedRoom> {
  const { shard = 0, idleMs = HOUR_MS, settings = {}, now } = given;
  const roomId = newRoomIdIn(shard);
  const pin = given.pin ?? newPinIn(shard, store.shards);
  const state = newRoom({ roomId, pin, idleMs: durationMs(idleMs), now });
  if ((await store.create({ state, settings })) !== 'created')
    throw new Error('the room could not be created');
  return existing(await store.load(roomId));
}

export function existing(room: LoadedRoom | null): LoadedRoom {
  if (room === null) throw new Error('the room is gone');
  return room;
}

/** The commit of a change that was decided on `loaded`, as the service asks for it. */
export function requestOf(
  { state, now }: LoadedRoom,
  change: Change,
  more: Partial<CommitRequest> = {},
): CommitRequest {
  const { state: next, events, runs, notBeforeAt } = change;
  return {
    change: { state: next, events, runs, notBeforeAt },
    expected: state.version,
    notAfterAt: notAfterAt(state, next, now, HOLDS_MS),
    ...more,
  };
}

/** What a command changes, decided on a room as it was loaded. */
export function changeOf({ state, now }: LoadedRoom, command: Command): Change {
  const decision = decide(state, command, now, NOBODY);
  if (decision.kind !== 'change') throw new Error(`${command.type} was answered ${JSON.stringify(decision)}`);
  return decision;
}

export const deciding = (
  loaded: LoadedRoom,
  command: Command,
  more?: Partial<CommitRequest>,
): CommitRequest => requestOf(loaded, changeOf(loaded, command), more);

/** What the owner commits when the room is due. */
export function dueOf(loaded: LoadedRoom, occupiedAt: EpochMs = NOBODY): CommitRequest {
  const change = decideDue(loaded.state, loaded.now, occupiedAt);
  if (change === null) throw new Error('nothing is due');
  return requestOf(loaded, change);
}

/** The same ahead of its time: what the owner makes ready for the room's next instant. */
export function dueAheadOf({ state }: Pick<LoadedRoom, 'state'>, holdsMs = HOLDS_MS): CommitRequest {
  const at = nextAt(state);
  const change = at === null ? null : decideDue(state, at, at);
  if (at === null || change === null) throw new Error('nothing will be due');
  return {
    change,
    expected: state.version,
    notAfterAt: notAfterAt(change.state, change.state, at, holdsMs),
  };
}

/** Loads, decides, commits, and again when its window has passed; the committed state. */
export async function does(
  store: Store,
  roomId: string,
  command: Command,
  more?: Partial<CommitRequest>,
): Promise<RoomState> {
  for (let tries = 1; ; tries++) {
    const request = deciding(existing(await store.load(roomId)), command, more);
    const result = await store.commit(request);
    if (result.committed) return request.change.state;
    if (result.why !== 'window' || tries === DECIDED_AT_MOST)
      throw new Error(`${command.type} was refused: ${result.why}`);
  }
}

/** Why a commit was refused, or 'committed'. */
export const outcomeOf = (result: CommitResult | undefined): string =>
  result === undefined ? 'not answered' : result.committed ? 'committed' : result.why;

/** What an owner's listener heard: rooms that changed, and grants and revocations of shards. */
export interface Heard {
  readonly changes: readonly string[];
  readonly told: readonly string[];
}

/**
 * Changes rooms and waits until the owner has heard of each as often as `change` names it; gives what `change` gave. What
 * changes while no lease holds is told to nobody, so where the machine stood still that long the round is played again.
 */
export async function changesAreHeard(heard: Heard, change: () => Promise<string[]>): Promise<string[]> {
  for (let again = 4; ; again -= 1) {
    const [changesBefore, toldBefore] = [heard.changes.length, heard.told.length];
    const roomIds = await change();
    try {
      await eventuallyPasses(() => {
        const since = heard.changes.slice(changesBefore);
        for (const id of new Set(roomIds))
          expect(times(id, since)).toBeGreaterThanOrEqual(times(id, roomIds));
      });
      return roomIds;
    } catch (failure) {
      if (again === 0 || heard.told.length === toldBefore) throw failure;
    }
  }
}

const times = (id: string, ids: readonly string[]): number => ids.filter((one) => one === id).length;
