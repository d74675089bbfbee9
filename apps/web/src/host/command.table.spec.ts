import { describe, expect, it } from '@jest/globals';
import { PHASES } from '#libs/protocol/wire';
import { type HostCommand, isActive, isAllowed, keyAction, mainCommand } from './command.table.js';

const COMMANDS: readonly HostCommand[] = ['start', 'pause', 'resume', 'extend', 'stop'];

describe('what a host may do', () => {
  it.each([
    ['idle', ['start']],
    ['lead-in', ['extend', 'stop']],
    ['open', ['pause', 'extend', 'stop']],
    ['paused', ['resume', 'extend', 'stop']],
    ['closed', ['start']],
  ] as const)('while %s is %j', (phase, allowed) => {
    expect(COMMANDS.filter((command) => isAllowed(command, phase))).toEqual(allowed);
  });

  it('is known for every phase of the wire', () => {
    for (const phase of PHASES) expect(COMMANDS.some((command) => isAllowed(command, phase))).toBe(true);
  });

  it('has one thing that comes next; only in the lead-in it cannot be done yet', () => {
    const next = PHASES.map((phase) => [phase, mainCommand(phase), isAllowed(mainCommand(phase), phase)]);
    expect(next).toEqual([
      ['idle', 'start', true],
      ['lead-in', 'pause', false],
      ['open', 'pause', true],
      ['paused', 'resume', true],
      ['closed', 'start', true],
    ]);
  });

  it('is about a question that is active exactly when it can be stopped', () => {
    expect(PHASES.filter(isActive)).toEqual(['lead-in', 'open', 'paused']);
  });
});

describe('a key', () => {
  const press = (key: string, more: object = {}) => ({
    key,
    repeat: false,
    ctrlKey: false,
    altKey: false,
    metaKey: false,
    ...more,
  });

  it('does what is printed on the buttons', () => {
    const keys = [' ', '+', '=', '-', 's', 'S', 'n'];
    expect(keys.map((key) => keyAction(press(key), false))).toEqual([
      'main',
      'more',
      'more',
      'less',
      'stop',
      'stop',
      'next',
    ]);
  });

  it.each(['x', 'Enter', 'Escape', 'Tab', 'ArrowDown', 'constructor'])('%s is left alone', (key) => {
    expect(keyAction(press(key), false)).toBeNull();
  });

  it('is left to the control that has it, to the browser, and is not repeated while it is held', () => {
    expect(keyAction(press(' '), true)).toBeNull();
    for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { repeat: true }]) {
      expect(keyAction(press('s', more), false)).toBeNull();
    }
  });
});
