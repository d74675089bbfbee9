/** Socket.IO's options as the gateway has them (`QuizIoAdapter` in libs/edge): what is compared must not be the transport. */
export const TRANSPORT = {
  transports: ['websocket'] as 'websocket'[],
  allowUpgrades: false,
  serveClient: false,
  pingInterval: 5_000,
  pingTimeout: 5_000,
  connectTimeout: 10_000,
  maxHttpBufferSize: 65_536,
  perMessageDeflate: false,
};

/** How a server hears of broadcasts: only of rooms that it holds, or of all and every. */
export const ADAPTERS = ['sharded', 'classic'] as const;
export type AdapterKind = (typeof ADAPTERS)[number];

/** What a relay is told by its environment. @throws RangeError for what is missing */
export function relayEnvironment(env: NodeJS.ProcessEnv): {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly adapter: AdapterKind;
} {
  const { RELAY_REDIS_URL: redisUrl, RELAY_PREFIX: prefix, RELAY_ADAPTER } = env;
  const adapter = ADAPTERS.find((kind) => kind === RELAY_ADAPTER);
  if (redisUrl === undefined || prefix === undefined || adapter === undefined) {
    throw new RangeError('RELAY_REDIS_URL, RELAY_PREFIX or RELAY_ADAPTER is missing');
  }
  return { redisUrl, prefix, adapter };
}
