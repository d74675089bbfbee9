import type { WebStore } from '../room/seat.storage.js';

/** What this browser keeps of a room whose host it is. */
export interface HostKey {
  readonly roomId: string;
  readonly token: string;
  /** Null until the room has told it: a link of a host has only the token. */
  readonly pin: string | null;
  /** When it was kept, epoch milliseconds of this device: for the order of a list only. */
  readonly keptAt: number;
}

const PREFIX = 'quizbell.host.';

/** Older rooms are over for sure: their tokens are. */
const MAX_KEYS = 20;

function readKey(roomId: string, text: string | null): HostKey | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { token, pin, keptAt } = value as Partial<Record<keyof HostKey, unknown>>;
    if (typeof token !== 'string' || token === '') return null;
    return {
      roomId,
      token,
      pin: typeof pin === 'string' ? pin : null,
      keptAt: typeof keptAt === 'number' ? keptAt : 0,
    };
  } catch {
    return null;
  }
}

/** The keys to the rooms that somebody hosts in this browser. They never stand in an address that goes to a server. */
export class HostKeyStorage {
  /** @param store with the names of what it holds, as `localStorage` has them */
  constructor(private readonly store: WebStore & Partial<Pick<Storage, 'key' | 'length'>>) {}

  get(roomId: string): HostKey | null {
    return readKey(roomId, this.store.getItem(PREFIX + roomId));
  }

  keep(key: HostKey): void {
    const { roomId, ...rest } = key;
    this.store.setItem(PREFIX + roomId, JSON.stringify(rest));
    for (const old of this.list().slice(MAX_KEYS)) this.forget(old.roomId);
  }

  /** Remembers the PIN of a room whose key is kept. */
  tell(roomId: string, pin: string): void {
    const key = this.get(roomId);
    if (key !== null && key.pin !== pin) this.keep({ ...key, pin });
  }

  forget(roomId: string): void {
    this.store.removeItem(PREFIX + roomId);
  }

  /** The newest first. */
  list(): readonly HostKey[] {
    const { store } = this;
    const names = Array.from({ length: store.length ?? 0 }, (_, index) => store.key?.(index) ?? '');
    return names
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => this.get(name.slice(PREFIX.length)))
      .filter((key) => key !== null)
      .sort((a, b) => b.keptAt - a.keptAt);
  }
}
