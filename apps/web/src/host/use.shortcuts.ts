import { useEffect, useEffectEvent } from 'react';
import { type KeyAction, keyAction } from './command.table.js';

/** Controls that do something of their own with a key. */
const CONTROLS = 'input, textarea, select, [contenteditable="true"]';
/** Controls that Space presses; other keys mean nothing to them. */
const PRESSED_BY_SPACE = 'button, a[href], summary, [role="button"]';

function isInControl({ key, target }: KeyboardEvent): boolean {
  if (document.querySelector('dialog[open]') !== null) return true;
  if (!(target instanceof Element)) return false;
  return target.closest(key === ' ' ? `${CONTROLS}, ${PRESSED_BY_SPACE}` : CONTROLS) !== null;
}

/**
 * Keys for the whole page, while `isOn`. A screen reader that browses keeps its keys for itself, so none is trapped; for
 * speech input, which types letters, they can be turned off.
 */
export function useShortcuts(isOn: boolean, act: (action: KeyAction) => void): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented) return;
    const action = keyAction(event, isInControl(event));
    if (action === null) return;
    // Space would scroll the page.
    event.preventDefault();
    act(action);
  });
  useEffect(() => {
    if (!isOn) return;
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [isOn]);
}
