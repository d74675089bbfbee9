import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { kickPlayerBodySchema } from '#libs/protocol';
import { MemberService } from '#libs/room';
import { RestAccess } from './rest.access.js';
import { bodyOf, granted } from './rest.results.js';

/** What a host may do to one member, for a backend that runs the show. */
@Controller('v1/rooms/:roomId/players/:playerId')
export class PlayersController {
  constructor(
    private readonly members: MemberService,
    private readonly access: RestAccess,
  ) {}

  @Post('kick')
  @HttpCode(204)
  async kick(
    @Headers('authorization') authorization: string | undefined,
    @Param('roomId') roomId: string,
    @Param('playerId') playerId: string,
    @Body() body: unknown,
  ): Promise<void> {
    const actor = await this.access.actorOn(roomId, authorization);
    const { ban } = bodyOf(kickPlayerBodySchema, body);
    // Whoever may act on a room over REST has the rights of its host; an API key's name is nobody's player id.
    const by = { playerId: actor, role: 'host' } as const;
    granted(await this.members.remove(roomId, by, playerId, ban ? 'banned' : 'kicked'));
  }
}
