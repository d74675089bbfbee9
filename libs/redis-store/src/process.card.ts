import type { KeySpace } from './room.keys.js';
import type { RedisClient } from './script.definition.js';

/** What a process says of itself, for the eyes of operators only: nothing that serves clients reads it. */
export interface ProcessCard {
  /** The release that it runs. */
  readonly release: string;
  /** Names of its token secrets, the one that signs first; none in a scheduler. See `secretFingerprints`. */
  readonly secrets: readonly string[];
}

/** How often it is written again (ms): a Redis that lost its data has it again soon. */
const WRITE_EVERY_MS = 5_000;
/** Cards of processes that were killed are thrown away by the next one that starts, this long after their last word (ms). */
const FORGET_AFTER_MS = 86_400_000;

/** Lays this process' card out in Redis, as long as it lives. */
export class CardWriter {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly redis: RedisClient,
    private readonly keys: KeySpace,
    private readonly processId: string,
    private readonly card: ProcessCard,
    private readonly onError: (error: unknown) => void,
  ) {}

  async start(): Promise<void> {
    await this.forgetOld().catch(this.onError);
    await this.write();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    // Nobody waits for it: it is sent before the connection's farewell.
    this.redis.hdel(this.keys.processes, this.processId).catch(() => {});
  }

  private async write(): Promise<void> {
    try {
      const seenAt = await redisNow(this.redis);
      // Asked while the process was being stopped: the card would outlive it.
      if (this.stopped) return;
      await this.redis.hset(this.keys.processes, this.processId, JSON.stringify({ ...this.card, seenAt }));
    } catch (error) {
      this.onError(error);
    }
    if (!this.stopped) this.timer = setTimeout(() => void this.write(), WRITE_EVERY_MS);
  }

  private async forgetOld(): Promise<void> {
    const [now, cards] = await Promise.all([redisNow(this.redis), this.redis.hgetall(this.keys.processes)]);
    const old = Object.entries(cards).filter(
      ([, text]) => now - (parseCard(text)?.seenAt ?? 0) > FORGET_AFTER_MS,
    );
    if (old.length > 0) await this.redis.hdel(this.keys.processes, ...old.map(([id]) => id));
  }
}

/** Redis' TIME (epoch ms); of a Cluster that of any master. */
export async function redisNow(redis: RedisClient): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}

/** A card as it was written, with the instant of writing (epoch ms); undefined for what another release wrote. */
export function parseCard(text: string): (ProcessCard & { readonly seenAt: number }) | undefined {
  try {
    const card = JSON.parse(text) as { release?: unknown; secrets?: unknown; seenAt?: unknown } | null;
    const secrets: unknown[] = Array.isArray(card?.secrets) ? card.secrets : [];
    if (typeof card?.release !== 'string' || typeof card.seenAt !== 'number') return undefined;
    return { release: card.release, secrets: secrets.map(String), seenAt: card.seenAt };
  } catch {
    return undefined;
  }
}
