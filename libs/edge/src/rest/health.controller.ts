import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { type HealthReport, liveness, readiness } from '#libs/ops';
import { EDGE_OPTIONS, type EdgeOptions } from '../edge.options.js';

/** Health on the public port, for load balancers that know no other. */
@Controller('health')
export class HealthController {
  constructor(@Inject(EDGE_OPTIONS) private readonly options: EdgeOptions) {}

  @Get('live')
  live(@Res() response: Response): void {
    send(response, liveness());
  }

  @Get('ready')
  async ready(@Res() response: Response): Promise<void> {
    send(response, await readiness(this.options.ready));
  }
}

function send(response: Response, { httpStatus, body }: HealthReport): void {
  response.status(httpStatus).json(body);
}
