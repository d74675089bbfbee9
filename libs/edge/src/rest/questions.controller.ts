import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import {
  extendQuestionBodySchema,
  type QuestionAnswer,
  questionCommandBodySchema,
  startQuestionBodySchema,
} from '#libs/protocol';
import { RoomService } from '#libs/room';
import { type HostRequest, orderOf } from '../command.factory.js';
import { wireSnapshot } from '../snapshot.contract.js';
import { RestAccess } from './rest.access.js';
import { bodyOf, granted } from './rest.results.js';

type Authorization = string | undefined;

/** The commands of a host, for a backend that runs the show. */
@Controller('v1/rooms/:roomId/question')
export class QuestionsController {
  constructor(
    private readonly service: RoomService,
    private readonly access: RestAccess,
  ) {}

  @Post()
  @HttpCode(200)
  start(
    @Headers('authorization') authorization: Authorization,
    @Param('roomId') roomId: string,
    @Body() body: unknown,
  ) {
    return this.command(roomId, authorization, () => ({
      event: 'question:start',
      payload: bodyOf(startQuestionBodySchema, body),
    }));
  }

  @Post('pause')
  @HttpCode(200)
  pause(
    @Headers('authorization') authorization: Authorization,
    @Param('roomId') roomId: string,
    @Body() body: unknown,
  ) {
    return this.command(roomId, authorization, () => ({
      event: 'question:pause',
      payload: bodyOf(questionCommandBodySchema, body),
    }));
  }

  @Post('resume')
  @HttpCode(200)
  resume(
    @Headers('authorization') authorization: Authorization,
    @Param('roomId') roomId: string,
    @Body() body: unknown,
  ) {
    return this.command(roomId, authorization, () => ({
      event: 'question:resume',
      payload: bodyOf(questionCommandBodySchema, body),
    }));
  }

  @Post('extend')
  @HttpCode(200)
  extend(
    @Headers('authorization') authorization: Authorization,
    @Param('roomId') roomId: string,
    @Body() body: unknown,
  ) {
    return this.command(roomId, authorization, () => ({
      event: 'question:extend',
      payload: bodyOf(extendQuestionBodySchema, body),
    }));
  }

  @Post('stop')
  @HttpCode(200)
  stop(
    @Headers('authorization') authorization: Authorization,
    @Param('roomId') roomId: string,
    @Body() body: unknown,
  ) {
    return this.command(roomId, authorization, () => ({
      event: 'question:stop',
      payload: bodyOf(questionCommandBodySchema, body),
    }));
  }

  /** Who asks comes before what is asked: a stranger learns nothing from the checks of the body. */
  private async command(
    roomId: string,
    authorization: Authorization,
    parse: () => HostRequest,
  ): Promise<QuestionAnswer> {
    const actor = await this.access.actorOn(roomId, authorization);
    const { command, extras } = orderOf(parse(), actor);
    const done = granted(await this.service.command(roomId, command, extras));
    return {
      snapshot: wireSnapshot(done.snapshot, done.content),
      ...(done.repeated ? { repeated: true } : {}),
    };
  }
}
