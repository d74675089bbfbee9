import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../command.types.js';
import { parseReplayOptions } from './replay.options.js';

describe('the options of a replay', () => {
  it('name all dead outcomes, those of a room, or one', () => {
    const none = { roomId: undefined, runId: undefined, dead: false, json: false };
    expect(parseReplayOptions(['--dead'])).toEqual({ ...none, dead: true });
    expect(parseReplayOptions(['--room', 'r1', '--json'])).toEqual({ ...none, roomId: 'r1', json: true });
    expect(parseReplayOptions(['--room', 'r1', '--run', '17', '--dead'])).toEqual({
      roomId: 'r1',
      runId: 17,
      dead: true,
      json: false,
    });
  });

  it.each([[[]], [['--json']], [['--run', '17']], [['--room', 'r1', '--run', 'x']], [['--all']]])(
    '%j is refused',
    (args) => {
      expect(() => parseReplayOptions(args)).toThrow(CannotRun);
    },
  );
});
