import type { NextFunction, Request, Response } from 'express';
import type { GatewayMetrics } from '#libs/ops';
import type { DrainState } from '../drain.state.js';

/** Counts the REST requests of a gateway, and knows which are still to be answered. */
export class RestTraffic {
  private underWay = 0;
  private whenIdle: () => void = () => {};

  constructor(
    private readonly metrics: GatewayMetrics,
    private readonly drain: DrainState,
  ) {}

  /** A middleware, before all others. */
  readonly observe = (request: Request, response: Response, next: NextFunction): void => {
    this.underWay++;
    response.setHeader('Cache-Control', 'no-store');
    // Whoever keeps its connection would find it closed under its next request.
    if (this.drain.isDraining) response.setHeader('Connection', 'close');
    response.once('finish', () => {
      this.metrics.restRequests.inc({ method: request.method, status: response.statusCode });
    });
    response.once('close', () => {
      this.underWay--;
      if (this.underWay === 0) this.whenIdle();
    });
    next();
  };

  /** Resolves when no request waits for its answer. */
  async idle(): Promise<void> {
    if (this.underWay === 0) return;
    await new Promise<void>((resolve) => {
      this.whenIdle = resolve;
    });
  }
}
