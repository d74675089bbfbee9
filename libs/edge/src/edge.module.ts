import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { MemberService, OutcomeService, RoomService } from '#libs/room';
import { ClientAddresses } from './access/client.address.js';
import { JoinGate } from './access/join.gate.js';
import { TokenService } from './access/token.service.js';
import { DocsController } from './docs/docs.controller.js';
import { DrainState } from './drain.state.js';
import { EDGE_OPTIONS, type EdgeOptions } from './edge.options.js';
import { QuestionTracing } from './question.tracing.js';
import { HealthController } from './rest/health.controller.js';
import { OutcomesController } from './rest/outcomes.controller.js';
import { PlayersController } from './rest/players.controller.js';
import { QuestionsController } from './rest/questions.controller.js';
import { RestAccess } from './rest/rest.access.js';
import { RoomsController } from './rest/rooms.controller.js';
import { CommandDispatcher } from './socket/command.dispatcher.js';
import { JoinHandler } from './socket/join.handler.js';
import { MemberDepartures } from './socket/member.departures.js';
import { MemberRegistry } from './socket/member.registry.js';
import { QuizCommands } from './socket/quiz.commands.js';
import { QuizGateway } from './socket/quiz.gateway.js';
import { ReceiveClock } from './socket/receive.clock.js';
import { RoomRefresher } from './socket/room.refresher.js';
import { TutorialGateway } from './tutorial/tutorial.gateway.js';
import { TutorialTimers } from './tutorial/tutorial.timers.js';

/** The gateway's module: sockets and REST in front of one `RoomService`. The composition root gives everything else. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: a dynamic module of Nest is a class with a static method
export class EdgeModule {
  static register(options: EdgeOptions, drain: DrainState, addresses: ClientAddresses): DynamicModule {
    return {
      module: EdgeModule,
      controllers: [
        RoomsController,
        QuestionsController,
        PlayersController,
        OutcomesController,
        HealthController,
        DocsController,
      ],
      providers: [
        { provide: EDGE_OPTIONS, useValue: options },
        ...partsOf(options, drain, addresses),
        QuizGateway,
      ],
      exports: [CommandDispatcher, MemberDepartures, ReceiveClock, RoomRefresher, TutorialGateway],
    };
  }
}

/** Plain classes, wired in the open: they need no framework, so that tests can make them by `new`. */
function partsOf(options: EdgeOptions, drain: DrainState, addresses: ClientAddresses): Provider[] {
  const { service, metrics, logger, config } = options;
  const tokens = new TokenService(config.access.secrets);
  const departures = new MemberDepartures(options.members, logger);
  const receiveClock = new ReceiveClock(undefined, () => metrics.receiveStalls.inc());
  const members = new MemberRegistry(options, departures, receiveClock);
  const gate = new JoinGate(options.limits, addresses, metrics);
  const joins = new JoinHandler(options, service, options.members, tokens, members, departures, drain, gate);
  const tracing = new QuestionTracing(logger, options.traces);
  const commands = new QuizCommands(options, service, joins, members, tracing);
  const dispatcher = new CommandDispatcher(
    commands,
    members,
    departures,
    receiveClock,
    metrics,
    logger,
    config.limits.events,
  );
  const refresher = new RoomRefresher(options, service, members);
  const timers = new TutorialTimers(service, options.ids, tracing);
  return [
    { provide: RoomService, useValue: service },
    { provide: QuestionTracing, useValue: tracing },
    { provide: MemberService, useValue: options.members },
    { provide: OutcomeService, useValue: options.outcomes },
    { provide: TokenService, useValue: tokens },
    { provide: RestAccess, useValue: new RestAccess(options, tokens, addresses) },
    { provide: MemberDepartures, useValue: departures },
    { provide: CommandDispatcher, useValue: dispatcher },
    { provide: ReceiveClock, useValue: receiveClock },
    { provide: RoomRefresher, useValue: refresher },
    { provide: TutorialGateway, useValue: new TutorialGateway(options, service, timers, refresher) },
  ];
}
