import { describe, expect, it } from '@jest/globals';
import { CannotRun } from '../suite.types.js';
import { type Attack, parseHostileOptions, planAttacks } from './hostile.options.js';

const framesOf = (attack: Attack) =>
  attack.kind === 'storm' ? attack.frames : attack.framesEach * attack.connections;

describe('parseHostileOptions', () => {
  it('sends 100,000 frames from 200 connections unless told otherwise', () => {
    expect(parseHostileOptions([], 7)).toMatchObject({
      frames: 100_000,
      connections: 200,
      seed: 7,
      isSmoke: false,
    });
    expect(parseHostileOptions(['--smoke', '--seed', '9'], 7)).toMatchObject({
      frames: 5_000,
      seed: 9,
      isSmoke: true,
    });
  });

  it('refuses what is not meant', () => {
    expect(() => parseHostileOptions(['--frames', 'all'], 7)).toThrow(CannotRun);
  });
});

describe('planAttacks', () => {
  it.each([['--smoke'], []])('sends as many frames as asked for (%s)', (...args) => {
    const options = parseHostileOptions(args, 1);
    const { storms, floods } = planAttacks(options);
    expect([...storms, ...floods].reduce((sum, attack) => sum + framesOf(attack), 0)).toBe(options.frames);
  });

  it('has storms of different seeds, a flood from every connection, and one that must be cut', () => {
    const { storms, floods } = planAttacks(parseHostileOptions([], 1));
    const seeds = storms.map((attack) => attack.kind === 'storm' && attack.seed);
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(floods.map(({ connections }) => connections)).toEqual([200, 17]);
    expect(floods.at(-1)).toMatchObject({ kind: 'flood', framesEach: 1_200 });
  });
});
