import type { Cluster } from './cluster.harness.js';
import { createRoom, hostOf, playerOf, type TestMember, type TestRoom } from './room.client.js';

/** A room with its host, somebody who cheats, and somebody who does not. */
export interface CheatScene {
  readonly room: TestRoom;
  readonly host: TestMember;
  readonly cheat: TestMember;
  readonly honest: TestMember;
}

/** Who cheats is at gateway B; the others are at A, or at B as well, where what harms its process harms them too. */
export async function cheatScene(
  { a, b }: Pick<Cluster, 'a' | 'b'>,
  { isOneGateway = false } = {},
): Promise<CheatScene> {
  const { url } = isOneGateway ? b : a;
  const room = await createRoom(a.url);
  const host = await hostOf(url, room);
  const [cheat, honest] = await Promise.all([
    playerOf(b.url, room, { name: 'Mallory' }),
    playerOf(url, room, { name: 'Ada' }),
  ]);
  return { room, host, cheat, honest };
}
