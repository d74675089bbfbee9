import type { NextFunction, Request, Response } from 'express';
import type { GatewayMetrics } from '#libs/ops';
import { wireError } from '#libs/protocol';
import type { RateLimits } from '#libs/room';
import type { ClientAddresses } from '../access/client.address.js';
import { RefusedException } from './refused.exception.js';

/** A middleware that lets so many requests of an address through, whoever asks: guessed API keys count too. */
export const limitRestRate =
  (limits: RateLimits, addresses: ClientAddresses, metrics: GatewayMetrics) =>
  async (request: Request, _response: Response, next: NextFunction): Promise<void> => {
    const answer = await limits.take('rest', addresses.of(request));
    if (answer.allowed) {
      next();
      return;
    }
    metrics.limitRefusals.inc({ limit: 'rest_rate' });
    const { retryAfterMs } = answer;
    next(
      new RefusedException(
        wireError('rate_limited', 'Too many requests from this address.', { retryAfterMs }),
      ),
    );
  };
