import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Room, RoomEventName, RoomOptions, ServerEventPayload } from '#libs/client';
import { useLatest } from './latest.hook.js';
import { NO_ROOM, RoomSlot, type RoomView } from './room.slot.js';

/** Which place in which room is meant: another one is another room, everything else is only looked at when it is opened. */
function identityOf({ url, pin, token }: RoomOptions): string {
  return JSON.stringify([url, pin, token]);
}

/** `useRoom`, with what opens a room. */
export function useRoomOf(open: (options: RoomOptions) => Room, options: RoomOptions | null): RoomView {
  const [slot] = useState(() => new RoomSlot());
  const latest = useLatest({ open, options });
  const key = options === null ? null : identityOf(options);
  const view = useSyncExternalStore(slot.subscribe, slot.view, () => NO_ROOM);
  useEffect(() => {
    const wanted = latest.current;
    if (key === null || wanted.options === null) return undefined;
    const { options: asked } = wanted;
    return slot.hold(key, () => wanted.open(asked));
  }, [slot, latest, key]);
  return view;
}

/** Calls `handler` for each such event of the room, always the one of the last render. */
export function useRoomEvent<E extends RoomEventName>(
  room: Room | null,
  event: E,
  handler: (payload: ServerEventPayload<E>) => void,
): void {
  const latest = useLatest(handler);
  useEffect(() => room?.on(event, (payload) => latest.current(payload)), [room, event, latest]);
}
