import type { TokenStorage } from '../client.types.js';

export interface TokenKeeperOptions {
  readonly pin: string | undefined;
  readonly token: string | undefined;
  readonly storage: TokenStorage;
}

/**
 * The token of this member: given, or in the storage, and then always the newest that the server has issued. Whoever came by
 * the PIN is stored under `quizbell:<pin>`; whoever came with a token of their own under `quizbell:<roomId>`, so that a host
 * who plays along in another tab of the same browser does not become the player, or the other way round.
 */
export class TokenKeeper {
  private newest: string | null;
  private key: string | null;

  constructor(private readonly options: TokenKeeperOptions) {
    const { pin, token } = options;
    this.newest = token ?? null;
    this.key = token === undefined && pin !== undefined ? keyOf(pin) : null;
  }

  /** Whether the token is the one that the app gave: then there is no other way in. */
  isGiven(token: string): boolean {
    return token === this.options.token;
  }

  /** Never rejects: a storage that fails has no token. */
  async token(): Promise<string | null> {
    const { key } = this;
    if (this.newest !== null || key === null) return this.newest;
    const stored = await quietly(() => this.options.storage.get(key));
    this.newest ??= typeof stored === 'string' && stored !== '' ? stored : null;
    return this.newest;
  }

  /** Keeps what a join was answered with. */
  async keep(token: string, roomId: string): Promise<void> {
    this.newest = token;
    const key = this.key ?? keyOf(roomId);
    this.key = key;
    await quietly(() => this.options.storage.set(key, token));
  }

  async forget(): Promise<void> {
    const { key } = this;
    this.newest = null;
    if (key !== null) await quietly(() => this.options.storage.remove(key));
  }
}

const keyOf = (room: string): string => `quizbell:${room}`;

async function quietly<T>(act: () => T | Promise<T>): Promise<T | null> {
  try {
    return await act();
  } catch {
    return null;
  }
}
