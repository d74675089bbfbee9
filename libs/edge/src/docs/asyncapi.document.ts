import {
  type ClientEventName,
  clientEventDefs,
  ERRORS,
  LIMITS,
  PROTOCOL_VERSION,
  QUIZ_NAMESPACE,
  type ServerEventName,
  serverEventSchemas,
} from '#libs/protocol';
import { nameOfSchema, SOCKET_SCHEMAS } from './contract.schemas.js';
import { type JsonObject, jsonSchemas, schemaRef } from './json.schemas.js';
import { CLIENT_EVENT_DOCS, codesOf, SERVER_EVENT_DOCS } from './socket.events.js';

const ABOUT = `The socket side of Quizbell: Socket.IO (protocol 5, Engine.IO 4) on the namespace \`${QUIZ_NAMESPACE}\`, websocket only.

- Each event carries exactly one JSON object. Every event of a client is acknowledged with an object: \`ok: true\` and its
  fields, or \`ok: false\` and an \`error\`. Events of the server are not acknowledged.
- Unknown fields are ignored by both sides. A frame has at most ${LIMITS.frameBytes} bytes.
- Instants end in \`At\` and are epoch milliseconds of the server's clock; durations end in \`Ms\`.
- A client adopts a snapshot, from an event or an acknowledgement, if its \`version\` is not lower than the one it has, and
  runs a handler once per event and version.
- After a lost connection a socket is in no room: send \`room:join\` with the token again on each connect.`;

const CHANNEL = 'quiz';
const channelRef = { $ref: `#/channels/${CHANNEL}` };
const messageRef = (message: string) => ({ $ref: `#/channels/${CHANNEL}/messages/${message}` });

/** `question:start` as a key of the document. */
const keyOf = (event: string): string => event.replace(':', '.');
const ackKeyOf = (event: string): string => `${keyOf(event)}.ack`;

const clientEvents = Object.keys(clientEventDefs) as ClientEventName[];
const serverEvents = Object.keys(serverEventSchemas) as ServerEventName[];

/** The socket side as an AsyncAPI 3.0 document, from the view of the server: it receives what clients send. */
export function asyncApiDocument(): JsonObject {
  const messages = messagesOf();
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Quizbell',
      version: String(PROTOCOL_VERSION),
      description: ABOUT,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      gateway: {
        host: 'localhost:3000',
        pathname: '/socket.io/',
        protocol: 'ws',
        description: 'Any gateway serves any room.',
      },
    },
    channels: {
      [CHANNEL]: {
        address: QUIZ_NAMESPACE,
        title: 'The namespace of hosts, players and screens',
        messages: Object.fromEntries(
          Object.keys(messages).map((key) => [key, { $ref: `#/components/messages/${key}` }]),
        ),
        bindings: {
          ws: {
            method: 'GET',
            query: {
              type: 'object',
              properties: {
                EIO: { type: 'string', const: '4' },
                transport: { type: 'string', const: 'websocket' },
                pin: { type: 'string', description: 'A hint for load balancers; optional, never trusted.' },
              },
              required: ['EIO', 'transport'],
            },
          },
        },
      },
    },
    operations: operationsOf(),
    components: { schemas: jsonSchemas(SOCKET_SCHEMAS), messages },
    'x-errors': ERRORS,
    'x-limits': LIMITS,
  };
}

function operationsOf(): Record<string, JsonObject> {
  const operations: Record<string, JsonObject> = {};
  for (const event of clientEvents) {
    operations[keyOf(event)] = {
      action: 'receive',
      channel: channelRef,
      summary: CLIENT_EVENT_DOCS[event].summary,
      messages: [messageRef(keyOf(event))],
      reply: { channel: channelRef, messages: [messageRef(ackKeyOf(event))] },
      'x-roles': clientEventDefs[event].roles,
      'x-error-codes': codesOf(event),
    };
  }
  for (const event of serverEvents) {
    const { summary, to } = SERVER_EVENT_DOCS[event];
    operations[keyOf(event)] = {
      action: 'send',
      channel: channelRef,
      summary,
      description: `To ${to}.`,
      messages: [messageRef(keyOf(event))],
    };
  }
  return operations;
}

function messagesOf(): Record<string, JsonObject> {
  const messages: Record<string, JsonObject> = {};
  const add = (key: string, name: string, title: string, schema: string, example: unknown) => {
    messages[key] = { name, title, payload: schemaRef(schema), examples: [{ payload: example }] };
  };
  for (const event of clientEvents) {
    const { payload, ack } = clientEventDefs[event];
    const { example, ack: ackExample } = CLIENT_EVENT_DOCS[event];
    add(keyOf(event), event, event, nameOfSchema(SOCKET_SCHEMAS, payload), example);
    const title = `Acknowledgement of ${event}`;
    add(ackKeyOf(event), `${event} ack`, title, nameOfSchema(SOCKET_SCHEMAS, ack), ackExample);
  }
  for (const event of serverEvents) {
    const schema = nameOfSchema(SOCKET_SCHEMAS, serverEventSchemas[event]);
    add(keyOf(event), event, event, schema, SERVER_EVENT_DOCS[event].example);
  }
  return messages;
}
