import { heartbeatScript } from './member.scripts.js';
import { GATEWAY_LIFETIME_MS } from './redis.member.store.js';
import type { KeySpace } from './room.keys.js';
import type { ScriptRunner } from './script.definition.js';

/** How often a gateway says that it is alive (ms); three missed beats end it, see `GATEWAY_LIFETIME_MS`. */
const BEAT_MS = 1_000;

/** Says in every shard that this gateway is alive, so that its members count as connected. */
export class GatewayHeartbeat {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly scripts: ScriptRunner,
    private readonly keys: KeySpace,
    private readonly gatewayId: string,
    private readonly onError: (error: unknown) => void,
  ) {}

  async start(): Promise<void> {
    await this.beat({ isFirst: true });
  }

  /** From now on its members count as gone, also those whose departure could not be told. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    // Nobody waits for it: it is sent before the connection's farewell.
    void this.beat({ ageMs: GATEWAY_LIFETIME_MS });
  }

  private async beat({ isFirst = false, ageMs = 0 }): Promise<void> {
    // Not after the answers: a shard whose Redis is away must not slow down the beats in the others.
    if (!this.stopped) this.timer = setTimeout(() => void this.beat({}), BEAT_MS);
    const { gatewayId } = this;
    const beats = Array.from({ length: this.keys.shards }, (_, shard) =>
      this.scripts.run(heartbeatScript, { shard: this.keys.shard(shard), gatewayId, isFirst, ageMs }),
    );
    for (const result of await Promise.allSettled(beats)) {
      if (result.status === 'rejected') this.onError(result.reason);
    }
  }
}
