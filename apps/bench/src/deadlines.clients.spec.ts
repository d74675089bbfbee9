import { describe, expect, it } from '@jest/globals';
import { seenByClients } from './deadlines.clients.js';

const closed = (roomId: string, receivedAt: number) => ({
  text: JSON.stringify(['question:closed', { roomId }]),
  receivedAt,
});
const room = (roomId: string, endsAt: number) => ({ roomId, runId: 1, endsAt });

describe('seenByClients', () => {
  it('measures each room against its own deadline, by the first closing', () => {
    const events = [closed('b', 2_007), closed('a', 1_002.5), closed('a', 1_900)];
    expect(seenByClients([room('a', 1_000), room('b', 2_000)], events)).toEqual({
      lost: [],
      seenMs: [2.5, 7],
    });
  });

  it('finds rooms whose client heard nothing', () => {
    expect(seenByClients([room('a', 1_000), room('b', 2_000)], [closed('b', 2_001)])).toEqual({
      lost: ['a'],
      seenMs: [1],
    });
  });
});
