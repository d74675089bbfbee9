import type { Room, RoomState } from '#libs/client';

/** What a component sees of its room. `state` is there from the first render on, `room` once it is open. */
export interface RoomView {
  readonly room: Room | null;
  readonly state: RoomState;
}

/** Nothing is known yet: of a room that is not open, and of all rooms on a server that renders pages. */
export const NO_ROOM: RoomView = {
  room: null,
  state: {
    connection: 'connecting',
    isSyncing: false,
    end: null,
    refusal: null,
    me: null,
    question: null,
    answer: null,
    presence: null,
    answersCount: null,
    clock: { isSynchronised: false, errorMs: null, samples: 0, hasTicks: false },
  },
};

interface HeldRoom {
  readonly key: string;
  readonly room: Room;
  readonly stop: () => void;
  isReleased: boolean;
}

/**
 * The one room of a component. React runs effects twice in StrictMode (and once more after an edit in development): mounted,
 * unmounted and mounted again in one go. A room that was left at once and joined again would have made a second player. So a
 * released room lives until the end of the task, and is taken up again by whoever asks for the same one until then.
 */
export class RoomSlot {
  #held: HeldRoom | null = null;
  #view = NO_ROOM;
  readonly #listeners = new Set<() => void>();

  /** The same object until something changed. */
  readonly view = (): RoomView => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Opens a room, or takes up the one of the same `key`; another one is disconnected. Returns how to release it. */
  hold(key: string, open: () => Room): () => void {
    if (this.#held?.key !== key) {
      this.#disconnect();
      this.#held = this.#opened(key, open());
      this.#look();
    }
    const held = this.#held as HeldRoom;
    held.isReleased = false;
    return () => {
      held.isReleased = true;
      void Promise.resolve().then(() => {
        if (held.isReleased && this.#held === held) this.#disconnect();
      });
    };
  }

  #opened(key: string, room: Room): HeldRoom {
    return { key, room, stop: room.subscribe(() => this.#look()), isReleased: false };
  }

  #disconnect(): void {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    held.stop();
    held.room.disconnect();
    this.#look();
  }

  #look(): void {
    const room = this.#held?.room ?? null;
    if (room === this.#view.room && room?.state === this.#view.state) return;
    this.#view = room === null ? NO_ROOM : { room, state: room.state };
    for (const listener of [...this.#listeners]) listener();
  }
}
