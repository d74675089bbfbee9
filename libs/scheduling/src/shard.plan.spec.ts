import { describe, expect, it } from '@jest/globals';
import {
  type Command,
  decide,
  durationMs,
  type EpochMs,
  epochMs,
  newRoom,
  nextAt,
  type RoomState,
} from '#libs/timer-core';
import { type DueWork, ShardPlan } from './shard.plan.js';

const T0 = epochMs(1_800_000_000_000);
const at = (ms: number): EpochMs => epochMs(T0 + ms);
const room = newRoom({ roomId: 'r1', pin: '000001', idleMs: durationMs(3_600_000), now: T0 });

function commanded(state: RoomState, command: Command, now: EpochMs): RoomState {
  const decision = decide(state, command, now, now);
  if (decision.kind !== 'change') throw new Error(decision.kind);
  return decision.state;
}

const open = commanded(
  room,
  {
    type: 'question:start',
    actor: 'host',
    questionId: 'q1',
    durationMs: durationMs(10_000),
    leadInMs: durationMs(0),
    graceMs: durationMs(0),
    tickMs: durationMs(1_000),
  },
  at(10),
);
const paused = commanded(open, { type: 'question:pause', actor: 'host' }, at(20));

/** Of which kinds there is something to do. */
const kinds = (due: DueWork): string[] =>
  Object.entries(due).flatMap(([kind, items]) => (items.length > 0 ? [kind] : []));

describe('ShardPlan', () => {
  it('plans the next instant and the next tick of a room', () => {
    const plan = new ShardPlan(at(0));
    plan.follow(open, at(10));
    expect(plan.headAt(at(0))).toBe(at(1_010));
    expect(kinds(plan.takeDue(at(1_010)))).toEqual(['ticks']);
    expect(plan.headAt(at(0))).toBe(at(9_510)); // half a second before the closing it is made ready
    expect(kinds(plan.takeDue(at(10_010)))).toEqual(['rooms', 'soon']);
  });

  it('plans a tick that fell into the time without an owner, and none that the last owner sent', () => {
    const plan = new ShardPlan(at(1_000));
    plan.follow(open, at(1_200));
    expect(plan.headAt(at(0))).toBe(at(1_010));
    const later = new ShardPlan(at(1_100));
    later.follow(open, at(1_200));
    expect(later.headAt(at(0))).toBe(at(2_010));
  });

  it('does not let an old answer replace a newer plan', () => {
    const plan = new ShardPlan(at(0));
    plan.follow(paused, at(20));
    expect(plan.follow(open, at(21))).toBe(false);
    expect(plan.follow(open, at(21), open.version)).toBe(false);
    expect(plan.versionOf('r1')).toBe(paused.version);
  });

  it('believes a store that went back behind what was known when it was asked', () => {
    const wentBack: string[] = [];
    const plan = new ShardPlan(at(0), (roomId) => void wentBack.push(roomId));
    plan.follow(paused, at(20));
    expect(plan.headAt(at(0))).toBeNull();
    expect(plan.follow(open, at(21), paused.version)).toBe(true);
    expect(wentBack).toEqual(['r1']);
    expect(plan.room('r1')?.dueAt()).toBe(nextAt(open));
  });

  it('keeps a tick that is due just now when the same version is told again', () => {
    const plan = new ShardPlan(at(0));
    plan.follow(open, at(10));
    plan.follow(open, at(1_011));
    expect(plan.headAt(at(0))).toBe(at(1_010));
  });

  it('settles the run of a room that it reads as closed, also when the room itself is over', () => {
    const plan = new ShardPlan(at(0));
    const over = commanded(open, { type: 'room:close', actor: 'host' }, at(500));
    plan.follow(open, at(10));
    plan.follow(over, at(501));
    expect(plan.room('r1')).toBeUndefined();
    const { runs, ...others } = plan.takeDue(at(20_000));
    expect(runs).toEqual([{ roomId: 'r1', runId: over.question?.runId }]);
    expect(others).toEqual({ rooms: [], soon: [], ticks: [] });
  });

  it('makes an idle end wait for a run that is not known to be settled', () => {
    const plan = new ShardPlan(at(0));
    const closed = commanded(open, { type: 'question:stop', actor: 'host' }, at(500));
    const runId = closed.question?.runId ?? open.version;
    plan.follow(closed, at(2_000_000));
    const planned = plan.room('r1');
    if (planned === undefined) throw new Error('not planned');
    expect(plan.awaitsSettling(planned)).toBe(true);
    plan.runSettled({ roomId: 'r1', runId });
    expect(plan.awaitsSettling(planned)).toBe(false);
  });
});
