import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CannotRun } from '../command.types.js';
import { loadState, newState, removeState, saveState } from './drill.state.js';

describe('the state file of a drill', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'drill-state-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('gives back what was kept, in a folder that it makes', () => {
    const file = join(dir, 'deep', 'state.json');
    const state = newState({
      seed: 7,
      faults: [
        { fault: 'kill-owner', times: 4 },
        { fault: 'redis-kill', times: 1 },
      ],
      rooms: 9,
      isShort: true,
    });
    if (state.tallies[0]) state.tallies[0].times = 3;
    saveState(file, state);
    expect(loadState(file)).toEqual(state);
    removeState(file);
    expect(() => loadState(file)).toThrow(CannotRun);
  });

  it.each([
    'not JSON',
    '{}',
    'null',
    '{"format":4,"plan":{"faults":[{"fault":"kill-all","times":1}]},"tallies":[{"fault":"kill-all"}]}',
    '{"format":2,"plan":{"faults":["kill-owner"],"times":1},"tallies":[{"fault":"kill-owner"}]}',
  ])('refuses %p', (text) => {
    const file = join(dir, 'state.json');
    writeFileSync(file, text);
    expect(() => loadState(file)).toThrow(CannotRun);
  });
});
