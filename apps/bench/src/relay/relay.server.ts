import { fileURLToPath } from 'node:url';
import { readyLine } from '../cluster/bench.cluster.js';
import { GuardedChild } from '../process/guarded.child.js';
import type { AdapterKind } from './relay.options.js';

export interface RelayOptions {
  readonly kind: 'socketio' | 'ws';
  readonly redisUrl: string;
  /** Before the channels. */
  readonly prefix: string;
  readonly adapter: AdapterKind;
  /** More options for its Node. */
  readonly nodeOptions: readonly string[];
}

/** A server that hands on what comes from Redis for a room, in a process of its own: what Quizbell is measured against. */
export class RelayServer {
  private constructor(
    readonly child: GuardedChild,
    /** `http://127.0.0.1:<port>` */
    readonly url: string,
  ) {}

  /** @throws CannotRun when it does not get ready */
  static async start({ kind, redisUrl, prefix, adapter, nodeOptions }: RelayOptions): Promise<RelayServer> {
    const child = new GuardedChild({
      name: `${kind} relay`,
      command: process.execPath,
      args: ['--enable-source-maps', fileURLToPath(new URL(`./${kind}.relay.main.js`, import.meta.url))],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NODE_ENV: 'production',
        NODE_OPTIONS: nodeOptions.join(' '),
        RELAY_REDIS_URL: redisUrl,
        RELAY_PREFIX: prefix,
        RELAY_ADAPTER: adapter,
      },
    });
    try {
      const [, url = ''] = await readyLine(child, /relay is ready on (\S+)/);
      return new RelayServer(child, url);
    } catch (failure) {
      await child.stop();
      throw failure;
    }
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}
