import { describe, expect, it } from '@jest/globals';
import type { Member } from '#libs/client';
import '../ui/page.spec-helper.js';

const { listedMembers } = await import('./players.panel.js');

const member = (playerId: string, more: Partial<Member> = {}): Member => ({
  playerId,
  role: 'player',
  name: playerId,
  connected: true,
  ...more,
});

describe('the list of players', () => {
  it('has who is connected first, by name as people sort', () => {
    const members = [
      member('Zoe'),
      member('Team 10'),
      member('Team 9'),
      member('Ada', { connected: false }),
      member('Änne'),
    ];
    expect(listedMembers(members, undefined, 'de').map(({ name }) => name)).toEqual([
      'Änne',
      'Team 9',
      'Team 10',
      'Zoe',
      'Ada',
    ]);
  });

  it('has co-hosts, but no host, no screen, and not who looks', () => {
    const members = [
      member('h', { role: 'host' }),
      member('s', { role: 'spectator' }),
      member('c', { role: 'co-host' }),
      member('me', { role: 'co-host' }),
    ];
    expect(listedMembers(members, 'me', 'en').map(({ playerId }) => playerId)).toEqual(['c']);
  });

  it('keeps its order among those without a name', () => {
    const members = [member('b', { name: undefined }), member('a', { name: undefined })];
    expect(listedMembers(members, undefined, 'en').map(({ playerId }) => playerId)).toEqual(['a', 'b']);
  });
});
