import { setTimeout as sleep } from 'node:timers/promises';
import { DECISION_HOLDS_MS, type RoomStore } from '#libs/room';
import { decideDue, epochMs, notAfterAt } from '#libs/timer-core';

/** Commits the closing of a room that is due, in the same script as Quizbell's owner: it publishes the event too. */
export async function closeDue(store: RoomStore, roomId: string): Promise<void> {
  let loaded = await store.load(roomId);
  while (loaded !== null) {
    const { state, now } = loaded;
    if (state.question?.phase !== 'open') return;
    const change = decideDue(state, now, epochMs(0));
    if (change === null) {
      // It came early by a fraction of a millisecond; Redis' clock alone says what is due.
      await sleep(1);
      loaded = await store.load(roomId);
      continue;
    }
    const result = await store.commit({
      change,
      expected: state.version,
      notAfterAt: notAfterAt(state, change.state, now, DECISION_HOLDS_MS),
    });
    if (result.committed) return;
    loaded = result.current;
  }
}
