/** The part of the platform's cryptography that is used. Pages without https have no `randomUUID`. */
interface Randomness {
  randomUUID?(): string;
  getRandomValues?(bytes: Uint8Array<ArrayBuffer>): unknown;
}

const BYTES = 16;

/** An id that nobody else makes: of a command or an answer. */
export function randomId(platform: { readonly crypto?: Randomness } = globalThis): string {
  const { crypto } = platform;
  if (crypto?.randomUUID !== undefined) return crypto.randomUUID();
  const bytes = new Uint8Array(BYTES);
  if (crypto?.getRandomValues !== undefined) crypto.getRandomValues(bytes);
  // Ids only have to differ within one room and member; nothing is kept secret by them.
  else for (const i of bytes.keys()) bytes[i] = Math.floor(Math.random() * 256);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
