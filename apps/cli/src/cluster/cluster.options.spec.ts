import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../command.types.js';
import { parseClusterOptions } from './cluster.options.js';

describe('the options of cluster', () => {
  it('start two gateways on 3000 and 3001 and one scheduler', () => {
    expect(parseClusterOptions([])).toEqual({ ports: [3000, 3001], schedulers: 1 });
  });

  it('count gateways by their ports, or from 3000 on', () => {
    expect(parseClusterOptions(['--ports', '4000, 0,0']).ports).toEqual([4000, 0, 0]);
    expect(parseClusterOptions(['--gateways', '3', '--schedulers', '2'])).toEqual({
      ports: [3000, 3001, 3002],
      schedulers: 2,
    });
    expect(parseClusterOptions(['--gateways', '1', '--ports', '8080']).ports).toEqual([8080]);
  });

  it.each([
    [['--gateways', '2', '--ports', '4000'], 'disagree'],
    [['--ports', '4000,4000'], 'twice'],
    [['--ports', '70000'], '--ports takes a whole number'],
    [['--ports', ''], '--ports takes a whole number'],
    [['--schedulers', '0'], '--schedulers takes a whole number'],
    [['--gateways', '17'], '--gateways takes a whole number'],
  ])('refuse %p with a reason', (args, reason) => {
    expect(() => parseClusterOptions(args)).toThrow(reason);
    expect(() => parseClusterOptions(args)).toThrow(CannotRun);
  });
});
