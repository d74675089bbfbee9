import { useCallback, useEffect, useRef, useState } from 'react';
import type { Member, Room, RoomState } from '#libs/client';

/** Who is in the room, and who has been. */
export interface Roster {
  /** Null until it is known. */
  readonly members: readonly Member[] | null;
  readonly reload: () => void;
}

/** The room's members, read anew whenever somebody came or went. What was known stays while it cannot be read. */
export function useRoster(room: Room | null, { connection, presence }: RoomState): Roster {
  const [members, setMembers] = useState<readonly Member[] | null>(null);
  const newest = useRef(0);
  const reload = useCallback(() => {
    if (room === null) return;
    newest.current += 1;
    const own = newest.current;
    room.roster({ away: true }).then(
      (read) => {
        if (own === newest.current) setMembers(read);
      },
      // The connection is away, or it was asked too often: the next presence asks again.
      () => undefined,
    );
  }, [room]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each presence that was told is a reason to look
  useEffect(() => {
    if (connection === 'joined') reload();
  }, [connection, presence, reload]);
  return { members, reload };
}
