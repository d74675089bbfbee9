import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Delete, Get, Headers, HttpCode, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { outcomeQuerySchema, outcomesQuerySchema, resultsQuerySchema } from '#libs/protocol';
import { type Outcome, OutcomeService, type RunResults, resultsOf } from '#libs/room';
import { outcomeCsv, outcomeRows, roomOutcomesJson } from './outcome.documents.js';
import { RestAccess } from './rest.access.js';
import { bodyOf, granted } from './rest.results.js';

type Authorization = string | undefined;

const JSON_TYPE = 'application/json; charset=utf-8';
const CSV_TYPE = 'text/csv; charset=utf-8; header=present';

/** What settled runs produced, as JSON or CSV, and the end of a player's data in them. */
@Controller('v1/rooms/:roomId')
export class OutcomesController {
  constructor(
    private readonly service: OutcomeService,
    private readonly access: RestAccess,
  ) {}

  @Get('questions/:questionId/outcome')
  async ofRun(
    @Headers('authorization') authorization: Authorization,
    @Param('roomId') roomId: string,
    @Param('questionId') questionId: string,
    @Query() query: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.access.actorOn(roomId, authorization);
    const { runId, format } = bodyOf(outcomeQuerySchema, query);
    const { outcome } = granted(await this.service.outcome(roomId, { questionId, runId }));
    if (isCsvWanted(format, request)) {
      // Of the stored run, not of the address: there it is an id.
      await sendCsv(response, [outcome], `outcome-${roomId}-${outcome.questionId}-${outcome.runId}`);
    } else {
      await send(response, JSON_TYPE, Readable.from([JSON.stringify(outcome)]));
    }
  }

  /** For screens: nobody's name, and so for more than hosts. */
  @Get('questions/:questionId/results')
  async resultsOfRun(
    @Headers('authorization') authorization: Authorization,
    @Param('roomId') roomId: string,
    @Param('questionId') questionId: string,
    @Query() query: unknown,
  ): Promise<RunResults> {
    await this.access.mayReadResults(roomId, authorization);
    const { runId } = bodyOf(resultsQuerySchema, query);
    return resultsOf(granted(await this.service.outcome(roomId, { questionId, runId })).outcome);
  }

  @Get('outcomes')
  async ofRoom(
    @Headers('authorization') authorization: Authorization,
    @Param('roomId') roomId: string,
    @Query() query: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.access.actorOn(roomId, authorization);
    const { format } = bodyOf(outcomesQuerySchema, query);
    const { outcomes } = granted(await this.service.outcomes(roomId));
    if (isCsvWanted(format, request)) await sendCsv(response, outcomes, `outcomes-${roomId}`);
    else await send(response, JSON_TYPE, Readable.from(roomOutcomesJson(roomId, outcomes)));
  }

  @Delete('players/:playerId')
  @HttpCode(204)
  async erasePlayer(
    @Headers('authorization') authorization: Authorization,
    @Param('roomId') roomId: string,
    @Param('playerId') playerId: string,
  ): Promise<void> {
    await this.access.actorOn(roomId, authorization);
    granted(await this.service.erasePlayer(roomId, playerId));
  }
}

function isCsvWanted(format: 'json' | 'csv' | undefined, request: Request): boolean {
  if (format !== undefined) return format === 'csv';
  return request.accepts('application/json', 'text/csv') === 'text/csv';
}

async function sendCsv(
  response: Response,
  outcomes: AsyncIterable<Outcome> | Iterable<Outcome>,
  name: string,
): Promise<void> {
  response.setHeader('Content-Disposition', `attachment; filename="${name}.csv"`);
  await send(response, CSV_TYPE, Readable.from(outcomeRows(outcomes)), outcomeCsv());
}

/** Sends as fast as the client reads. What fails on the way leaves the answer cut off, so that nobody takes it for whole. */
async function send(
  response: Response,
  type: string,
  ...streams: [source: Readable, ...by: Transform[]]
): Promise<void> {
  response.setHeader('Content-Type', type);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.vary('Accept');
  try {
    await pipeline([...streams, response]);
  } catch (error) {
    // Whoever has gone needs no answer.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
