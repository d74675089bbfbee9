import type { IncomingMessage } from 'node:http';
import type { Config, GatewayMetrics } from '#libs/ops';
import { type WireError, wireError } from '#libs/protocol';
import type { RateLimits } from '#libs/room';
import { durationMs } from '#libs/timer-core';
import type { ClientAddresses } from './client.address.js';

/** What the limits need of an Engine.IO connection. */
export interface CountedConnection {
  readonly request: IncomingMessage;
  once(event: 'close', listener: () => void): unknown;
}

/** A gateway that is full is full for a while. */
const FULL_RETRY_AFTER_MS = durationMs(5_000);

/** So many more connections are opened for being told why they are refused; further ones are refused without a word. */
const TOLD_SHARE = 0.1;
const TOLD_AT_LEAST = 100;

/**
 * How many connections this gateway holds, in all and by address, and how fast an address opens them at all gateways.
 * Counted from the websocket on, whether it enters a namespace or not.
 */
export class ConnectionLimits {
  private count = 0;
  private readonly byAddress = new Map<string, number>();
  private readonly verdicts = new WeakMap<CountedConnection, Promise<WireError | null>>();

  constructor(
    private readonly config: Config['limits'],
    private readonly limits: RateLimits,
    private readonly addresses: ClientAddresses,
    private readonly metrics: GatewayMetrics,
  ) {}

  /** Whether a websocket may be opened, if only to be told that the gateway is full. */
  mayOpen(): boolean {
    const { maxConnections } = this.config;
    const isOpen = this.count < maxConnections + Math.max(TOLD_AT_LEAST, maxConnections * TOLD_SHARE);
    if (!isOpen) this.metrics.limitRefusals.inc({ limit: 'connections' });
    return isOpen;
  }

  /** Counts a new connection until it closes, and judges it. */
  add(connection: CountedConnection): void {
    const address = this.addresses.of(connection.request);
    const verdict = this.judge(address);
    this.verdicts.set(connection, verdict);
    this.move(address, 1);
    connection.once('close', () => this.move(address, -1));
  }

  /** Why the connection may enter no namespace; null when it may. */
  async refusalOf(connection: CountedConnection): Promise<WireError | null> {
    return (await this.verdicts.get(connection)) ?? null;
  }

  private async judge(address: string): Promise<WireError | null> {
    const { maxConnections, maxConnectionsPerAddress } = this.config;
    if (this.count >= maxConnections) {
      return this.refused('connections', 'This gateway is full.', FULL_RETRY_AFTER_MS);
    }
    if ((this.byAddress.get(address) ?? 0) >= maxConnectionsPerAddress) {
      const message = 'Too many connections from this address.';
      return this.refused('connections_per_address', message, FULL_RETRY_AFTER_MS);
    }
    const answer = await this.limits.take('connections', address);
    if (answer.allowed) return null;
    const message = 'Too many new connections from this address.';
    return this.refused('connection_rate', message, answer.retryAfterMs);
  }

  private refused(
    limit: 'connections' | 'connections_per_address' | 'connection_rate',
    message: string,
    retryAfterMs: NonNullable<WireError['retryAfterMs']>,
  ): WireError {
    this.metrics.limitRefusals.inc({ limit });
    return wireError('rate_limited', message, { retryAfterMs });
  }

  private move(address: string, by: 1 | -1): void {
    this.count += by;
    const count = (this.byAddress.get(address) ?? 0) + by;
    if (count === 0) this.byAddress.delete(address);
    else this.byAddress.set(address, count);
  }
}
