import type { TokenStorage } from '#libs/client';

/** The part of `Storage` that is used here. */
export type WebStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** A player's place in a room, as it is kept on the device. */
export interface Seat {
  readonly token: string;
  /** As the server gave it; null until it has. */
  readonly name: string | null;
}

function readSeat(text: string | null): Seat | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { token, name } = value as { token?: unknown; name?: unknown };
    if (typeof token !== 'string' || token === '') return null;
    return { token, name: typeof name === 'string' ? name : null };
  } catch {
    return null;
  }
}

/**
 * Where a player's seat in the room of one PIN is kept: for this tab, so that a reload gets it back without a question,
 * and for the device, so that a link that is opened again can offer it.
 */
export class SeatStorage implements TokenStorage {
  private readonly key: string;

  /**
   * @param tab forgets when the tab is closed
   * @param device keeps for good
   */
  constructor(
    pin: string,
    private readonly tab: WebStore,
    private readonly device: WebStore,
  ) {
    this.key = `quizbell.seat.${pin}`;
  }

  /** The seat that this tab has. */
  inTab(): Seat | null {
    return readSeat(this.tab.getItem(this.key));
  }

  /** The seat that somebody had on this device. */
  onDevice(): Seat | null {
    return readSeat(this.device.getItem(this.key));
  }

  /** Makes the device's seat this tab's. */
  takeUp(): void {
    const seat = this.onDevice();
    if (seat !== null) this.tab.setItem(this.key, JSON.stringify(seat));
  }

  /** Remembers by which name the seat is offered again. */
  remember(name: string): void {
    const seat = this.inTab();
    if (seat !== null && seat.name !== name) this.write({ token: seat.token, name });
  }

  /** Forgets this tab's seat, and the device's if it is the same one: another tab may have left its own there. */
  forget(): void {
    const seat = this.inTab();
    this.tab.removeItem(this.key);
    if (seat !== null && seat.token === this.onDevice()?.token) this.device.removeItem(this.key);
  }

  get(): string | null {
    return this.inTab()?.token ?? null;
  }

  set(_key: string, token: string): void {
    this.write({ token, name: this.inTab()?.name ?? null });
  }

  remove(): void {
    this.forget();
  }

  private write(seat: Seat): void {
    const text = JSON.stringify(seat);
    this.tab.setItem(this.key, text);
    this.device.setItem(this.key, text);
  }
}

/** In memory, for a browser that refuses to store anything. */
export function memoryStore(): WebStore {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => {
      values.set(key, value);
    },
    removeItem: (key) => {
      values.delete(key);
    },
  };
}

/** `open()` if it works: browsers that are told to keep nothing throw when it is read, or when it is written to. */
export function usableStore(open: () => WebStore): WebStore {
  const probe = 'quizbell.probe';
  try {
    const store = open();
    store.setItem(probe, '1');
    store.removeItem(probe);
    return store;
  } catch {
    return memoryStore();
  }
}
