import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../command.types.js';
import { parseDrillOptions } from './drill.options.js';
import { FAULT_NAMES } from './fault.rules.js';

describe('the options of drill', () => {
  it('play every fault three times with 200 rooms, from a seed of their own', () => {
    const { plan, ...rest } = parseDrillOptions([]);
    const faults = FAULT_NAMES.map((fault) => ({ fault, times: 3 }));
    expect(plan).toEqual({ faults, rooms: 200, seed: plan.seed, isShort: false });
    expect(Number.isInteger(plan.seed)).toBe(true);
    expect(rest).toEqual({ json: false, selfTest: false });
  });

  it('take the faults in the order that is given, each once', () => {
    const args = ['--faults', 'redis-kill, kill-owner,redis-kill', '--times', '20', '--seed', '7'];
    expect(parseDrillOptions(args).plan).toEqual({
      faults: [
        { fault: 'redis-kill', times: 20 },
        { fault: 'kill-owner', times: 20 },
      ],
      rooms: 200,
      seed: 7,
      isShort: false,
    });
  });

  it('take a number of its own for a fault', () => {
    const { plan } = parseDrillOptions([
      '--faults',
      'kill-owner:50, redis-kill,kill-owner:2',
      '--times',
      '5',
    ]);
    expect(plan.faults).toEqual([
      { fault: 'kill-owner', times: 50 },
      { fault: 'redis-kill', times: 5 },
    ]);
  });

  it('are short where asked, but for what is named', () => {
    const { plan } = parseDrillOptions(['--short', '--rooms', '10', '--faults', 'kill-owner']);
    expect(plan).toMatchObject({ faults: [{ fault: 'kill-owner', times: 1 }], rooms: 10, isShort: true });
  });

  it.each([
    [['--faults', 'kill-all'], 'knows no "kill-all"'],
    [['--faults', ''], 'The faults are: kill-owner'],
    [['--faults', 'kill-owner:0'], '--faults takes a whole number'],
    [['--faults', 'kill-owner:'], '--faults takes a whole number'],
    [['--times', '0'], '--times takes a whole number'],
    [['--rooms', 'many'], '--rooms takes a whole number'],
    [['--seed', '-1'], 'argument is ambiguous'],
    [['--resume', 'x.json', '--times', '4'], 'name none of them'],
    [['--resume', 'x.json', '--short'], 'name none of them'],
  ])('refuse %p with a reason', (args, reason) => {
    expect(() => parseDrillOptions(args)).toThrow(reason);
    expect(() => parseDrillOptions(args)).toThrow(CannotRun);
  });
});
