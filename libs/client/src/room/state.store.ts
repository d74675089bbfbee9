import type { RoomEventName, RoomState } from '../client.types.js';
import type { ServerEventPayload } from '../wire.types.js';
import { EventGate } from './event.gate.js';
import { Listeners } from './listeners.js';
import { INITIAL_STATE } from './room.state.js';
import type { ServerEvent } from './wire.reader.js';

/** What is known of the room, and who wants to be told of changes and events. */
export class StateStore {
  private known: RoomState = INITIAL_STATE;
  private readonly gate = new EventGate();
  private readonly listeners = new Listeners<[]>();
  private readonly handlers = new Map<string, Listeners<[unknown]>>();

  get state(): RoomState {
    return this.known;
  }

  /** Tells the listeners if the change changed something. */
  update(change: (state: RoomState) => RoomState): void {
    const next = change(this.known);
    if (next === this.known) return;
    this.known = next;
    this.listeners.tell();
  }

  subscribe(listener: () => void): () => void {
    return this.listeners.add(listener);
  }

  on<E extends RoomEventName>(event: E, handler: (payload: ServerEventPayload<E>) => void): () => void {
    const handlers = this.handlers.get(event) ?? new Listeners<[unknown]>();
    this.handlers.set(event, handlers);
    return handlers.add((payload) => handler(payload as ServerEventPayload<E>));
  }

  /** Tells the event's handlers, unless they were told of it. */
  tell(heard: ServerEvent): void {
    if (this.gate.pass(heard)) this.handlers.get(heard.event)?.tell(heard.payload);
  }
}
