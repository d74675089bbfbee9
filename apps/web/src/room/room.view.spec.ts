import { describe, expect, it } from '@jest/globals';
import { QuizbellError, type RoomState } from '#libs/client';
import { endFacts, viewOf } from './room.view.js';

function state(fields: Record<string, unknown>): RoomState {
  return {
    connection: 'joined',
    isSyncing: false,
    end: null,
    me: null,
    question: null,
    answer: null,
    presence: null,
    answersCount: null,
    ...fields,
  } as RoomState;
}
const inPhase = (phase: string) => ({ question: { phase } });

describe('the view of a room', () => {
  it.each([
    ['connecting', { connection: 'connecting' }],
    ['connecting', { connection: 'reconnecting' }],
    ['waiting', inPhase('idle')],
    ['lead-in', inPhase('lead-in')],
    ['open', inPhase('open')],
    ['open', { connection: 'reconnecting', ...inPhase('open') }],
    ['paused', inPhase('paused')],
    ['closed', inPhase('closed')],
    ['ended', { connection: 'ended' }],
    ['ended', { connection: 'ended', ...inPhase('open') }],
  ])('is %s for %j', (view, fields) => {
    expect(viewOf(state(fields))).toBe(view);
  });
});

describe('the end of a room', () => {
  const refused = (code: string, details: object = {}) => ({
    reason: 'refused' as const,
    error: new QuizbellError({ code, message: '', retryable: false, ...details } as never),
  });

  it.each([
    [{ reason: 'left' } as const, 'left', 'join-anew', 0],
    [{ reason: 'kicked' } as const, 'kicked', 'leave', 0],
    [{ reason: 'banned' } as const, 'banned', 'leave', 0],
    [{ reason: 'replaced' } as const, 'replaced', 'use-here', 0],
    [{ reason: 'room-closed', by: 'host' } as const, 'closed-by-host', 'leave', 0],
    [{ reason: 'room-closed', by: 'idle' } as const, 'closed-idle', 'leave', 0],
    [{ reason: 'room-closed', by: null } as const, 'closed', 'leave', 0],
    [refused('room_not_found'), 'unknown-room', 'leave', 0],
    [refused('room_full'), 'room-full', 'retry', 5_000],
    [refused('rate_limited', { retryAfterMs: 900 }), 'slow-down', 'retry', 900],
    [refused('rate_limited', { retryAfterMs: 0 }), 'slow-down', 'retry', 0],
    [refused('unauthorized'), 'no-entry', 'join-anew', 0],
    [refused('forbidden'), 'put-out', 'leave', 0],
    [refused('forbidden', { field: 'name' }), 'name-refused', 'join-anew', 0],
    [refused('conflict'), 'in-use', 'retry', 5_000],
    [refused('invalid_payload', { field: 'name' }), 'bad-name', 'join-anew', 0],
    [refused('invalid_payload', { field: 'pin' }), 'failed', 'retry', 0],
    [refused('unavailable', { retryable: true }), 'no-answer', 'retry', 0],
    [refused('of-a-newer-server'), 'failed', 'retry', 0],
  ])('%j is told as %s', (end, kind, action, retryAfterMs) => {
    expect(endFacts(end)).toEqual({ kind, action, retryAfterMs });
  });
});
