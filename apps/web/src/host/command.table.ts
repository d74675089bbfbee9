import type { Countdown } from '#libs/client';

type Phase = Countdown['phase'];

/** What a host can do with the room's question. */
export type HostCommand = 'start' | 'pause' | 'resume' | 'extend' | 'stop';

/** In which phases the server takes a command; it has the last word. */
const ALLOWED: Readonly<Record<HostCommand, readonly Phase[]>> = {
  start: ['idle', 'closed'],
  pause: ['open'],
  resume: ['paused'],
  extend: ['lead-in', 'open', 'paused'],
  stop: ['lead-in', 'open', 'paused'],
};

export function isAllowed(command: HostCommand, phase: Phase): boolean {
  return ALLOWED[command].includes(phase);
}

/** Whether a question is being played. */
export function isActive(phase: Phase): boolean {
  return isAllowed('stop', phase);
}

/** What the big button does in a phase: there is always one thing that comes next, but nothing pauses a lead-in. */
export function mainCommand(phase: Phase): 'start' | 'pause' | 'resume' {
  if (phase === 'paused') return 'resume';
  return phase === 'open' || phase === 'lead-in' ? 'pause' : 'start';
}

/** What a key does, wherever on the page no control wants it; null for nothing. */
export type KeyAction = 'main' | 'more' | 'less' | 'stop' | 'next';

const KEYS: Readonly<Record<string, KeyAction>> = {
  ' ': 'main',
  '+': 'more',
  '=': 'more',
  '-': 'less',
  s: 'stop',
  n: 'next',
};

export interface PressedKey {
  readonly key: string;
  readonly repeat: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/**
 * @param isInControl the key goes to a control that does something with it, or to a dialog
 */
export function keyAction(pressed: PressedKey, isInControl: boolean): KeyAction | null {
  const { key, repeat, ctrlKey, altKey, metaKey } = pressed;
  if (isInControl || repeat || ctrlKey || altKey || metaKey) return null;
  const name = key.toLowerCase();
  return Object.hasOwn(KEYS, name) ? (KEYS[name] ?? null) : null;
}
