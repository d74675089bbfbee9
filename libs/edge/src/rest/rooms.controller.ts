import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import {
  type CreateRoomAnswer,
  type CreateTokenAnswer,
  createRoomBodySchema,
  createTokenBodySchema,
  type RoomInfo,
} from '#libs/protocol';
import { MemberService, RoomService } from '#libs/room';
import { newIdentity } from '../access/identity.factory.js';
import { TokenService } from '../access/token.service.js';
import { EDGE_OPTIONS, type EdgeOptions } from '../edge.options.js';
import { wireSnapshot } from '../snapshot.contract.js';
import { RestAccess } from './rest.access.js';
import { bodyOf, granted } from './rest.results.js';

/** Rooms and their tokens, for the quiz app's backend. */
@Controller('v1/rooms')
export class RoomsController {
  constructor(
    @Inject(EDGE_OPTIONS) private readonly options: EdgeOptions,
    private readonly service: RoomService,
    private readonly members: MemberService,
    private readonly access: RestAccess,
    private readonly tokens: TokenService,
  ) {}

  @Post()
  @HttpCode(201)
  async create(
    @Headers('authorization') authorization: string | undefined,
    @Req() request: Request,
    @Body() body: unknown,
  ): Promise<CreateRoomAnswer> {
    await this.access.mayCreateRoom(authorization, request);
    const { settings } = bodyOf(createRoomBodySchema, body);
    if (settings?.webhook !== undefined) this.access.mayHaveWebhook(authorization, settings.webhook);
    const made = await this.service.createRoom(settings ?? {});
    if (made.kind === 'refused' && made.code === 'rate_limited') {
      this.options.metrics.limitRefusals.inc({ limit: 'rooms' });
    }
    const { roomId, pin } = granted(made);
    const host = newIdentity(this.options.ids, roomId, 'host', undefined);
    return { roomId, pin, hostToken: await this.tokens.issue(host) };
  }

  @Get(':roomId')
  async read(
    @Headers('authorization') authorization: string | undefined,
    @Param('roomId') roomId: string,
  ): Promise<RoomInfo> {
    await this.access.actorOn(roomId, authorization);
    const { settings, presence } = granted(await this.members.presence(roomId));
    const { state, snapshot, content } = granted(await this.service.view(roomId));
    return {
      roomId,
      pin: state.pin,
      createdAt: state.createdAt,
      settings: settings as RoomInfo['settings'],
      players: presence.players,
      snapshot: wireSnapshot(snapshot, content),
    };
  }

  @Post(':roomId/tokens')
  @HttpCode(201)
  async createToken(
    @Headers('authorization') authorization: string | undefined,
    @Param('roomId') roomId: string,
    @Body() body: unknown,
  ): Promise<CreateTokenAnswer> {
    await this.access.actorOn(roomId, authorization);
    const { role, name, ttlMs } = bodyOf(createTokenBodySchema, body);
    granted(await this.service.view(roomId));
    const identity = newIdentity(this.options.ids, roomId, role, name);
    return { token: await this.tokens.issue(identity, ttlMs), playerId: identity.playerId, role };
  }

  @Delete(':roomId')
  @HttpCode(204)
  async close(
    @Headers('authorization') authorization: string | undefined,
    @Param('roomId') roomId: string,
  ): Promise<void> {
    const actor = await this.access.actorOn(roomId, authorization);
    granted(await this.service.command(roomId, { type: 'room:close', actor }));
  }
}
