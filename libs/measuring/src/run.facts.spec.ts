import { describe, expect, it } from '@jest/globals';
import { machineFacts } from './machine.facts.js';
import { machineLine, runFacts } from './run.facts.js';

const machine = machineFacts('7.0.15', 0.25);

describe('what a run says of itself', () => {
  it('is the command as it was typed, with the note beside it', () => {
    const args = ['--seed', '1', '--note', 'a busy machine', '--out', 'x.json'];
    expect(runFacts('npm run drill --', args, { machine, note: 'a busy machine' })).toEqual({
      measuredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      commit: expect.any(String),
      command: 'npm run drill -- --seed 1 --out x.json',
      note: 'a busy machine',
      machine,
    });
    const short = runFacts('npm run drill --', ['--note=busy', '--seed', '1'], { machine, note: undefined });
    expect(short.command).toBe('npm run drill -- --seed 1');
    expect(short).not.toHaveProperty('note');
  });

  it('is told in one line with what was going on besides', () => {
    const facts = runFacts('npm run drill --', [], { machine, note: 'a busy machine' });
    expect(machineLine(facts)).toMatch(
      /load 0\.25 before; Node v.+, Redis 7\.0\.15; commit .+; a busy machine$/,
    );
  });
});
