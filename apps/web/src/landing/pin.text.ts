import { PIN_PATTERN } from '#libs/protocol/wire';

const PIN_LENGTH = 6;

/** The digits of what somebody typed or pasted: `123 456`, or a whole link that ends in a PIN. */
export function pinDigits(text: string): string {
  const linked = /\/play\/(\d{6})(?!\d)/.exec(text)?.[1];
  return linked ?? text.replace(/\D/g, '').slice(0, PIN_LENGTH);
}

export function isPin(text: string): boolean {
  return PIN_PATTERN.test(text);
}

/** `123 456`: two threes are read and said more easily. */
export function spacedPin(pin: string): string {
  return `${pin.slice(0, PIN_LENGTH / 2)} ${pin.slice(PIN_LENGTH / 2)}`.trim();
}
