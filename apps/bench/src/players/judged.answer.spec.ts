import { describe, expect, it } from '@jest/globals';
import { readAnswer } from './judged.answer.js';

const sent = { playerId: 'p1', choice: 'a', plannedAt: 1, sentAt: 2, handedOverAt: 3 };

describe('readAnswer', () => {
  it('reads a verdict with its times', () => {
    const text = '[{"ok":true,"verdict":"late","receivedAt":1105,"elapsedMs":100,"lateByMs":5}]';
    expect(readAnswer({ ...sent, ack: { at: 4, text } })).toEqual({
      ...sent,
      answeredAt: 4,
      tell: { kind: 'verdict', verdict: 'late', receivedAt: 1_105, elapsedMs: 100, lateByMs: 5 },
    });
  });

  it('does not take an error for a verdict', () => {
    const text = '[{"ok":false,"error":{"code":"unavailable","message":"Ask again.","retryable":true}}]';
    expect(readAnswer({ ...sent, ack: { at: 4, text } }).tell).toEqual({
      kind: 'refused',
      code: 'unavailable',
    });
  });

  it('is lost without an acknowledgement', () => {
    expect(readAnswer({ ...sent, ack: null })).toEqual({ ...sent, answeredAt: null, tell: { kind: 'lost' } });
  });

  it('does not overlook an acknowledgement that is none of the protocol', () => {
    expect(() => readAnswer({ ...sent, ack: { at: 4, text: '[{"ok":true}]' } })).toThrow();
  });
});
