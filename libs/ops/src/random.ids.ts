import { randomInt } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const PIN_DIGITS = 6;

/** Names that cannot be guessed: from the system's cryptographic source, without the bias of a remainder. */
export class RandomIds {
  /** A PIN of six digits, leading zeros included. */
  pin(): string {
    return String(randomInt(10 ** PIN_DIGITS)).padStart(PIN_DIGITS, '0');
  }

  /** `length` characters of `[a-z0-9]`. */
  token(length: number): string {
    return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  }
}
