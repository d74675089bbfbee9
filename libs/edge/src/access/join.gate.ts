import type { IncomingMessage } from 'node:http';
import type { GatewayMetrics } from '#libs/ops';
import type { RefusedAck } from '#libs/protocol';
import type { RateLimits } from '#libs/room';
import { refusedAck } from '../wire.refusal.js';
import type { ClientAddresses } from './client.address.js';
import { type PinLock, PinLockout } from './pin.lockout.js';

/** What joins by PIN meet: how many an address may ask for, and the lock-out of whoever guesses. */
export class JoinGate {
  private readonly lockout: PinLockout;

  constructor(
    private readonly limits: RateLimits,
    private readonly addresses: ClientAddresses,
    private readonly metrics: GatewayMetrics,
  ) {
    this.lockout = new PinLockout(limits);
  }

  /** Why a join by PIN is not looked at now, whether its PIN is right or wrong; null when it is. */
  async refusalOf(handshake: IncomingMessage): Promise<RefusedAck | null> {
    const address = this.addresses.of(handshake);
    const [joins, lock] = await Promise.all([this.limits.take('joins', address), this.lockOf(handshake)]);
    if (lock !== null) return lock;
    if (joins.allowed) return null;
    this.metrics.limitRefusals.inc({ limit: 'join_rate' });
    return refusedAck('rate_limited', 'Too many joins from this address.', {
      retryAfterMs: joins.retryAfterMs,
    });
  }

  /** Why this address may send no PINs now; null when it may. */
  async lockOf(handshake: IncomingMessage): Promise<RefusedAck | null> {
    const lock = await this.lockout.lockOf(this.addresses.of(handshake));
    return lock === null ? null : this.locked(lock);
  }

  /** Notes a wrong PIN. @returns `refusal`, or that there were too many of them */
  async wrongPin(handshake: IncomingMessage, refusal: RefusedAck): Promise<RefusedAck> {
    const lock = await this.lockout.noteWrong(this.addresses.of(handshake));
    return lock === null ? refusal : this.locked(lock);
  }

  private locked({ limit, retryAfterMs }: PinLock): RefusedAck {
    this.metrics.limitRefusals.inc({ limit });
    return refusedAck('rate_limited', 'Too many wrong PINs. Wait, or join by a token.', { retryAfterMs });
  }
}
