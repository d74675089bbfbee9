import { describe, expect, it } from '@jest/globals';
import { answerClockFrames, type ClockConnection } from './clock.frames.js';
import type { EnginePacket } from './frame.guard.js';

/** What becomes of a frame: what was asked, what is sent, and whether the decoder sees it still. */
function heard(data: unknown, told: object | undefined = { ok: true }, type = 'message') {
  const packet: EnginePacket = { type, data };
  const sent: string[] = [];
  const asked: number[] = [];
  const connection: ClockConnection = {
    on: (_event, listener) => listener(packet),
    off: () => {},
    send: (text) => sent.push(text),
  };
  answerClockFrames(connection, (sentAt) => {
    asked.push(sentAt);
    return told;
  });
  return { asked, sent, isDecoded: packet.type === type };
}

describe('questions about the clock', () => {
  it('are answered under their number, and not decoded', () => {
    expect(heard('2/quiz,17["clock:sync",{"sentAt":123}]', { ok: true, serverNow: 5 })).toEqual({
      asked: [123],
      sent: ['3/quiz,17[{"ok":true,"serverNow":5}]'],
      isDecoded: false,
    });
  });

  it('go their usual way where there is no answer at once', () => {
    const data = '2/quiz,0["clock:sync",{"sentAt":0}]';
    const packet: EnginePacket = { type: 'message', data };
    const connection: ClockConnection = {
      on: (_event, listener) => listener(packet),
      off: () => {},
      send: () => {
        throw new Error('there is nothing to send');
      },
    };
    answerClockFrames(connection, () => undefined);
    expect(packet).toEqual({ type: 'message', data });
  });

  it.each([
    ['without a number for the answer', '2/quiz,["clock:sync",{"sentAt":1}]'],
    ['of another namespace', '2/other,1["clock:sync",{"sentAt":1}]'],
    ['of the default namespace', '21["clock:sync",{"sentAt":1}]'],
    ['that say more', '2/quiz,1["clock:sync",{"sentAt":1,"more":2}]'],
    ['that say it twice', '2/quiz,1["clock:sync",{"sentAt":1},{"sentAt":1}]'],
    ['that are no number', '2/quiz,1["clock:sync",{"sentAt":"1"}]'],
    ['with a fraction', '2/quiz,1["clock:sync",{"sentAt":1.5}]'],
    ['below zero', '2/quiz,1["clock:sync",{"sentAt":-1}]'],
    ['that are no JSON', '2/quiz,1["clock:sync",{"sentAt":01}]'],
    ['beyond safe integers', '2/quiz,1["clock:sync",{"sentAt":9999999999999999}]'],
    ['with something behind', '2/quiz,1["clock:sync",{"sentAt":1}]\n'],
    ['that are another event', '2/quiz,1["room:leave",{}]'],
    ['in binary', Buffer.from('2/quiz,1["clock:sync",{"sentAt":1}]')],
  ])('%s are left to the decoder', (_what, data) => {
    expect(heard(data)).toEqual({ asked: [], sent: [], isDecoded: true });
  });

  it('that another guard has dropped stay dropped', () => {
    expect(heard('2/quiz,1["clock:sync",{"sentAt":1}]', { ok: true }, 'noop').sent).toEqual([]);
  });

  it('are no longer answered once stopped', () => {
    const listeners: unknown[] = [];
    const connection: ClockConnection = {
      on: (_event, listener) => listeners.push(listener),
      off: (_event, listener) => listeners.splice(listeners.indexOf(listener), 1),
      send: () => {},
    };
    const stop = answerClockFrames(connection, () => undefined);
    expect(listeners).toHaveLength(1);
    stop();
    expect(listeners).toHaveLength(0);
  });
});
