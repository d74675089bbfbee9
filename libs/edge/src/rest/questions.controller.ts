import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { foreignSpanOf } from '#libs/ops';
import {
  extendQuestionBodySchema,
  type QuestionAnswer,
  questionCommandBodySchema,
  startQuestionBodySchema,
} from '#libs/protocol';
import { RoomService } from '#libs/room';
import { type HostRequest, orderOf } from '../command.factory.js';
import { QuestionTracing } from '../question.tracing.js';
import { wireSnapshot } from '../snapshot.contract.js';
import { RestAccess } from './rest.access.js';
import { bodyOf, granted } from './rest.results.js';

interface RequestHeaders {
  readonly authorization?: string;
  /** W3C trace context of the caller. */
  readonly traceparent?: string;
}

/** The commands of a host, for a backend that runs the show. */
@Controller('v1/rooms/:roomId/question')
export class QuestionsController {
  constructor(
    private readonly service: RoomService,
    private readonly access: RestAccess,
    private readonly tracing: QuestionTracing,
  ) {}

  @Post()
  @HttpCode(200)
  start(@Headers() headers: RequestHeaders, @Param('roomId') roomId: string, @Body() body: unknown) {
    return this.command(roomId, headers, () => ({
      event: 'question:start',
      payload: bodyOf(startQuestionBodySchema, body),
    }));
  }

  @Post('pause')
  @HttpCode(200)
  pause(@Headers() headers: RequestHeaders, @Param('roomId') roomId: string, @Body() body: unknown) {
    return this.command(roomId, headers, () => ({
      event: 'question:pause',
      payload: bodyOf(questionCommandBodySchema, body),
    }));
  }

  @Post('resume')
  @HttpCode(200)
  resume(@Headers() headers: RequestHeaders, @Param('roomId') roomId: string, @Body() body: unknown) {
    return this.command(roomId, headers, () => ({
      event: 'question:resume',
      payload: bodyOf(questionCommandBodySchema, body),
    }));
  }

  @Post('extend')
  @HttpCode(200)
  extend(@Headers() headers: RequestHeaders, @Param('roomId') roomId: string, @Body() body: unknown) {
    return this.command(roomId, headers, () => ({
      event: 'question:extend',
      payload: bodyOf(extendQuestionBodySchema, body),
    }));
  }

  @Post('stop')
  @HttpCode(200)
  stop(@Headers() headers: RequestHeaders, @Param('roomId') roomId: string, @Body() body: unknown) {
    return this.command(roomId, headers, () => ({
      event: 'question:stop',
      payload: bodyOf(questionCommandBodySchema, body),
    }));
  }

  /** Who asks comes before what is asked: a stranger learns nothing from the checks of the body. */
  private async command(
    roomId: string,
    { authorization, traceparent }: RequestHeaders,
    parse: () => HostRequest,
  ): Promise<QuestionAnswer> {
    const actor = await this.access.actorOn(roomId, authorization);
    const request = parse();
    const { command, extras } = orderOf(request, actor);
    const askedBy = foreignSpanOf(traceparent);
    const done = granted(
      await this.tracing.of(
        { event: request.event, roomId, ...(askedBy === undefined ? {} : { askedBy }) },
        () => this.service.command(roomId, command, extras),
      ),
    );
    return {
      snapshot: wireSnapshot(done.snapshot, done.content),
      ...(done.repeated ? { repeated: true } : {}),
    };
  }
}
