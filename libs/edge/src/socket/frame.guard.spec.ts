import { describe, expect, it } from '@jest/globals';
import { type EnginePacket, guardFrames } from './frame.guard.js';

/** What the decoder would see of a frame, and whether the connection was ended. */
function guarded(data: unknown): { packet: EnginePacket; isClosed: boolean } {
  const packet: EnginePacket = { type: 'message', data };
  let isClosed = false;
  guardFrames({
    on: (_event, listener) => listener(packet),
    close: () => {
      isClosed = true;
    },
  });
  return { packet, isClosed };
}

const LONG = 'x'.repeat(20_000);

describe('the guard of frames', () => {
  it('leaves frames alone that are text and small enough', () => {
    const data = '2/quiz,7["clock:sync",{"sentAt":1}]';
    expect(guarded(data)).toEqual({ packet: { type: 'message', data }, isClosed: false });
  });

  it('turns an event that is too large into a short one with the same ack number', () => {
    expect(guarded(`2/quiz,12["question:start",{"content":"${LONG}"}]`).packet.data).toBe(
      '2/quiz,12["$too_large"]',
    );
    expect(guarded(`2["x","${LONG}"]`).packet.data).toBe('2["$too_large"]');
  });

  it('counts bytes, not characters', () => {
    const umlauts = 'ä'.repeat(9_000);
    expect(guarded(`2/quiz,1["x","${umlauts}"]`).packet.data).toBe('2/quiz,1["$too_large"]');
  });

  it('turns an event with attachments into a short one and drops the attachments', () => {
    const event = '51-/quiz,3["question:start",{"_placeholder":true,"num":0}]';
    expect(guarded(event).packet.data).toBe('2/quiz,3["$binary"]');
    expect(guarded(Buffer.from('attachment')).packet.type).toBe('noop');
  });

  it('ends the connection at a large frame that is no event', () => {
    expect(guarded(`0/quiz,{"token":"${LONG}"}`)).toMatchObject({ packet: { type: 'noop' }, isClosed: true });
  });
});
