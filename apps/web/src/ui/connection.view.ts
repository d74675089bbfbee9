import type { RoomState } from '#libs/client';

/** What a member has to know about the connection; the worst of what is true. */
export type ConnectionKind = 'connecting' | 'joined' | 'reconnecting' | 'syncing' | 'host-away' | 'ended';

export type ConnectionFacts = Pick<RoomState, 'connection' | 'isSyncing' | 'presence' | 'me'>;

export function connectionKind({ connection, isSyncing, presence, me }: ConnectionFacts): ConnectionKind {
  if (connection !== 'joined') return connection;
  if (isSyncing) return 'syncing';
  // The host who has just come back is told of it last.
  const isHostAway = presence !== null && !presence.hostConnected && me?.role !== 'host';
  return isHostAway ? 'host-away' : 'joined';
}
