// React hooks for Quizbell's rooms. A component calls `useRoom` once and hands the room to the others.
import { memoryStorage, openRoom, type RoomOptions } from '#libs/client';
import { useRoomOf } from './room.hook.js';
import type { RoomView } from './room.slot.js';

export { type Answering, useAnswer } from './answer.hook.js';
export { useCountdown, useCountdownFrame } from './countdown.hook.js';
export { useRoomEvent } from './room.hook.js';
export type { RoomView } from './room.slot.js';

/** For as long as the page lives, so that a component that is unmounted and mounted again is the same player. */
const pageStorage = memoryStorage();
const openInPage = (options: RoomOptions) =>
  openRoom({ ...options, storage: options.storage ?? pageStorage });

/**
 * A place in a room for as long as the component is mounted. Opens on mount, disconnects on unmount, and not twice in
 * StrictMode. `null` opens nothing; another `url`, `pin` or `token` is another place, which is taken instead. The other options
 * count when a room is opened.
 */
export function useRoom(options: RoomOptions | null): RoomView {
  return useRoomOf(openInPage, options);
}
