import { BareServer } from '../bare/bare.server.js';
import type { BenchCluster } from '../cluster/bench.cluster.js';
import { RoomHost } from '../cluster/room.host.js';

export type ServerName = 'quizbell' | 'bare';

/** A room that is not entered yet. */
export interface NewRoom {
  readonly pin: string;
  /** What the host joins with. */
  readonly hostJoin: object;
}

/** Two processes that serve the same rooms. */
export interface StartingServer {
  readonly name: ServerName;
  readonly urls: readonly [string, string];
  createRoom(): Promise<NewRoom>;
  stop(): Promise<void>;
}

/** @param cluster with two gateways; its owner stops it */
export function quizbellServer({ gateways, apiKey }: BenchCluster): StartingServer {
  const [first = '', second = ''] = gateways.map(({ url }) => url);
  return {
    name: 'quizbell',
    urls: [first, second],
    async createRoom() {
      const { pin, hostToken } = await RoomHost.createRoom(first, apiKey);
      return { pin, hostJoin: { token: hostToken } };
    },
    stop: async () => {},
  };
}

/** Two Socket.IO servers with the Redis adapter, and nothing else. */
export async function bareServer(redisUrl: string, prefix: string): Promise<StartingServer> {
  const first = await BareServer.start({ redisUrl, prefix });
  const second = await BareServer.start({ redisUrl, prefix }).catch(async (failure: unknown) => {
    await first.stop();
    throw failure;
  });
  let rooms = 0;
  return {
    name: 'bare',
    urls: [first.url, second.url],
    async createRoom() {
      const pin = `${++rooms}`.padStart(6, '0');
      return { pin, hostJoin: { pin } };
    },
    stop: async () => {
      await Promise.all([first.stop(), second.stop()]);
    },
  };
}
