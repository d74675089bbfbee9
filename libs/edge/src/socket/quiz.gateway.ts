import { type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import { QUIZ_NAMESPACE } from '#libs/protocol';
import { CommandDispatcher } from './command.dispatcher.js';
import type { Namespace } from './socket.types.js';

/**
 * The namespace of native clients. It has no handler for any single event: all go through the dispatcher, so that an
 * unknown event gets an ack like a known one.
 */
@WebSocketGateway({ namespace: QUIZ_NAMESPACE })
export class QuizGateway implements OnGatewayInit {
  constructor(private readonly dispatcher: CommandDispatcher) {}

  afterInit(namespace: Namespace): void {
    namespace.on('connection', (socket) => this.dispatcher.attach(socket));
  }
}
