import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#libs/ops';
import { MemberService, type Seat } from '#libs/room';

/** Waits between the tries, in milliseconds; about a minute in all. */
const RETRY_AFTER_MS = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000];

/**
 * Tells rooms of members that are gone. Nobody waits for it and nobody asks again, so it tries again itself: a forgotten
 * departure would be a member for as long as this gateway lives, and the room would never be empty.
 */
export class MemberDepartures {
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly service: MemberService,
    private readonly logger: Logger,
  ) {}

  depart(seat: Seat): void {
    const departure = this.tell(seat).finally(() => this.underWay.delete(departure));
    this.underWay.add(departure);
  }

  /** Resolves when every departure so far has been told, or given up. */
  async told(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private async tell({ roomId, playerId, connection }: Seat): Promise<void> {
    for (const waitMs of RETRY_AFTER_MS) {
      const left = await this.service.leave(roomId, playerId, connection).catch((err: unknown) => {
        this.logger.error({ err, roomId }, 'a departure failed');
        return { kind: 'left' } as const;
      });
      if (left.kind === 'left') return;
      await delay(waitMs, undefined, { ref: false });
    }
    this.logger.warn({ roomId }, 'a departure could not be told to the room');
  }
}
