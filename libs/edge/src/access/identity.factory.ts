import { randomInt } from 'node:crypto';
import type { IdSource, Role } from '#libs/room';
import type { Identity } from './token.service.js';

const ID_CHARACTERS = 12;
const ID_PREFIXES: Record<Role, string> = { host: 'h', 'co-host': 'h', player: 'p', spectator: 's' };
const GUEST_DIGITS = 4;

/** A new member of a room. Without a name: a player is called `Player 1234`, the others by what they are. */
export function newIdentity(ids: IdSource, roomId: string, role: Role, name: string | undefined): Identity {
  return {
    roomId,
    role,
    playerId: `${ID_PREFIXES[role]}_${ids.token(ID_CHARACTERS)}`,
    name: name ?? defaultName(role),
  };
}

function defaultName(role: Role): string {
  switch (role) {
    case 'host':
      return 'Host';
    case 'co-host':
      return 'Co-host';
    case 'spectator':
      return 'Screen';
    case 'player':
      return `Player ${String(randomInt(10 ** GUEST_DIGITS)).padStart(GUEST_DIGITS, '0')}`;
    default:
      return role satisfies never;
  }
}
