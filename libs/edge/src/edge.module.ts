import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { RoomService } from '#libs/room';
import { TokenService } from './access/token.service.js';
import { DrainState } from './drain.state.js';
import { EDGE_OPTIONS, type EdgeOptions } from './edge.options.js';
import { HealthController } from './rest/health.controller.js';
import { QuestionsController } from './rest/questions.controller.js';
import { RestAccess } from './rest/rest.access.js';
import { RoomsController } from './rest/rooms.controller.js';
import { CommandDispatcher } from './socket/command.dispatcher.js';
import { JoinHandler } from './socket/join.handler.js';
import { MemberDepartures } from './socket/member.departures.js';
import { MemberRegistry } from './socket/member.registry.js';
import { QuizCommands } from './socket/quiz.commands.js';
import { QuizGateway } from './socket/quiz.gateway.js';
import { RoomRefresher } from './socket/room.refresher.js';

/** The gateway's module: sockets and REST in front of one `RoomService`. The composition root gives everything else. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: a dynamic module of Nest is a class with a static method
export class EdgeModule {
  static register(options: EdgeOptions, drain: DrainState): DynamicModule {
    return {
      module: EdgeModule,
      controllers: [RoomsController, QuestionsController, HealthController],
      providers: [{ provide: EDGE_OPTIONS, useValue: options }, ...partsOf(options, drain), QuizGateway],
      exports: [CommandDispatcher, MemberDepartures, RoomRefresher],
    };
  }
}

/** Plain classes, wired in the open: they need no framework, so that tests can make them by `new`. */
function partsOf(options: EdgeOptions, drain: DrainState): Provider[] {
  const { service, broadcasts, metrics, logger, config } = options;
  const tokens = new TokenService(config.access.secrets);
  const departures = new MemberDepartures(service, logger);
  const members = new MemberRegistry(broadcasts, departures);
  const joins = new JoinHandler(options, service, tokens, members, departures, drain);
  const commands = new QuizCommands(options, service, joins, members);
  const dispatcher = new CommandDispatcher(commands, members, departures, metrics, logger);
  return [
    { provide: RoomService, useValue: service },
    { provide: TokenService, useValue: tokens },
    { provide: RestAccess, useValue: new RestAccess(options, tokens) },
    { provide: MemberDepartures, useValue: departures },
    { provide: CommandDispatcher, useValue: dispatcher },
    { provide: RoomRefresher, useValue: new RoomRefresher(options, service, members) },
  ];
}
