import { describe, expect, it } from '@jest/globals';
import type { RoomState } from '#libs/client';
import { connectionKind } from './connection.view.js';

const presence = (hostConnected: boolean) => ({ hostConnected }) as RoomState['presence'];

describe('the state of a connection', () => {
  it('is the connection itself as long as it is not joined', () => {
    for (const connection of ['connecting', 'reconnecting', 'ended'] as const) {
      expect(connectionKind({ connection, isSyncing: true, presence: presence(false), me: null })).toBe(
        connection,
      );
    }
  });

  it('is joined only when nothing is the matter', () => {
    const joined = { connection: 'joined', isSyncing: false, me: null } as const;
    expect(connectionKind({ ...joined, presence: presence(true) })).toBe('joined');
    expect(connectionKind({ ...joined, presence: null })).toBe('joined');
    expect(connectionKind({ ...joined, presence: presence(false) })).toBe('host-away');
    const host = { ...joined, me: { role: 'host' } as RoomState['me'] };
    expect(connectionKind({ ...host, presence: presence(false) })).toBe('joined');
    expect(connectionKind({ ...joined, isSyncing: true, presence: presence(false) })).toBe('syncing');
  });
});
