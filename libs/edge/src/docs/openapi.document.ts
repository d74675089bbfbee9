import { ERRORS, ID_PATTERN, LIMITS, PROTOCOL_VERSION, problemOf, type WireError } from '#libs/protocol';
import { OUTCOME, ROOM_ID, RUN_ID } from './contract.examples.js';
import { nameOfSchema, REST_SCHEMAS } from './contract.schemas.js';
import { inlineSchema, type JsonObject, jsonSchemas, schemaRef } from './json.schemas.js';
import { PATH_EXAMPLES, REST_ROUTES, type RestRoute, type RouteAnswer, refusalsOf } from './rest.routes.js';

const ABOUT = `The REST side of Quizbell, for a quiz app's backend. Hosts, players and screens speak Socket.IO: see
[the AsyncAPI document](/docs/asyncapi.json).

Instants end in \`At\` and are epoch milliseconds of the server's clock; durations end in \`Ms\`. Errors are
\`application/problem+json\` with a \`code\`; where \`retryable\` is true the same request may succeed later. \`unavailable\` means
"unknown, ask again with the same \`commandId\`", never "not done". A body has at most ${LIMITS.frameBytes} bytes. Fields that are not
known are ignored, by both sides. A path that nobody serves is answered 404 with the code \`not_found\`.`;

const TAGS = [
  { name: 'Rooms', description: 'Rooms, and tokens for those who are to be in them.' },
  { name: 'Questions', description: 'The commands of a host.' },
  { name: 'Outcomes', description: 'What settled runs produced, as JSON or CSV.' },
  { name: 'Players', description: 'Putting somebody out, and forgetting their data.' },
  { name: 'Service', description: 'Health, and documents.' },
];

const SECURITY_SCHEMES = {
  apiKey: { type: 'http', scheme: 'bearer', description: 'One of `QUIZBELL_API_KEYS`: may do everything.' },
  hostToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The `hostToken` of the room: may do everything in this room.',
  },
  memberToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The token of a co-host or a screen (`spectator`) of the room.',
  },
};

const SECURITY: Record<RestRoute['access'], readonly JsonObject[]> = {
  room: [{ apiKey: [] }, { hostToken: [] }],
  results: [{ apiKey: [] }, { hostToken: [] }, { memberToken: [] }],
  // Empty: nothing, where the server lets everybody.
  create: [{ apiKey: [] }, {}],
  public: [],
};

const HEADERS: Readonly<Record<number, JsonObject>> = {
  401: { 'WWW-Authenticate': { description: '`Bearer`.', schema: { type: 'string' } } },
  429: { 'Retry-After': { description: 'Whole seconds.', schema: { type: 'integer', minimum: 0 } } },
};

/** The REST side as an OpenAPI 3.1 document. */
export function openApiDocument(): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const route of REST_ROUTES) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Quizbell',
      version: String(PROTOCOL_VERSION),
      description: ABOUT,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: TAGS,
    paths,
    webhooks: { outcome: { post: outcomeWebhook() } },
    components: { schemas: jsonSchemas(REST_SCHEMAS), securitySchemes: SECURITY_SCHEMES },
  };
}

function operationOf(route: RestRoute): JsonObject {
  const { id, tag, summary, description, body } = route;
  const parameters = [...pathParameters(route.path), ...queryParameters(route)];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: SECURITY[route.access],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBodyOf(body) }),
    responses: { ...goodResponses(route.answers), ...problemResponses(refusalsOf(route)) },
  };
}

/** What the outcome's receiver is sent; the headers are those of Standard Webhooks. */
function outcomeWebhook(): JsonObject {
  const header = (name: string, description: string, example: string) => ({
    name,
    in: 'header',
    required: true,
    description,
    schema: { type: 'string' },
    example,
  });
  return {
    operationId: 'receiveOutcome',
    tags: ['Outcomes'],
    summary: "A settled run's outcome",
    description:
      'Sent to `settings.webhook` of the room, else to `QUIZBELL_WEBHOOK_URL`. Signed by the Standard Webhooks convention with `QUIZBELL_WEBHOOK_SECRET`. The same message may come twice, with the same id and body.',
    security: [],
    parameters: [
      header('webhook-id', 'Names the message; the same in every try.', `outcome-${ROOM_ID}-${RUN_ID}`),
      header('webhook-timestamp', 'When this try was made, in seconds.', '1795309365'),
      header(
        'webhook-signature',
        '`v1,` and a signature; several while the secret is rotated.',
        'v1,K5oZ...',
      ),
    ],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: schemaRef('Outcome'), example: OUTCOME } },
    },
    responses: {
      '2XX': {
        description:
          'Delivered, if it comes within `QUIZBELL_WEBHOOK_TIMEOUT_MS`. Everything else is tried again.',
      },
      410: { description: 'Final: not tried again.' },
    },
  };
}

function pathParameters(path: string): JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: ID_PATTERN.source },
    example: PATH_EXAMPLES[name],
  }));
}

function queryParameters({ query }: RestRoute): JsonObject[] {
  if (query === undefined) return [];
  return Object.entries(inlineSchema(query).properties as Record<string, JsonObject>).map(
    ([name, { description, ...schema }]) => ({ name, in: 'query', required: false, description, schema }),
  );
}

function requestBodyOf({ schema, example }: NonNullable<RestRoute['body']>): JsonObject {
  const isNeeded = !schema.safeParse({}).success;
  return {
    required: isNeeded,
    content: { 'application/json': { schema: schemaRef(nameOfSchema(REST_SCHEMAS, schema)), example } },
  };
}

function goodResponses(answers: readonly RouteAnswer[]): Record<string, JsonObject> {
  return Object.fromEntries(
    answers.map(({ status, says, schema, example, csv }) => {
      if (schema === undefined) return [status, { description: says }];
      const json = { schema: schemaRef(nameOfSchema(REST_SCHEMAS, schema)), example };
      const content = {
        'application/json': json,
        ...(csv === undefined ? {} : { 'text/csv': { schema: { type: 'string' }, example: csv } }),
      };
      return [status, { description: says, content }];
    }),
  );
}

/** One response per status, with an example of every code that comes with it. */
function problemResponses(refusals: readonly WireError[]): Record<string, JsonObject> {
  const byStatus = new Map<number, WireError[]>();
  for (const refusal of refusals) {
    const { httpStatus } = ERRORS[refusal.code];
    byStatus.set(httpStatus, [...(byStatus.get(httpStatus) ?? []), refusal]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, errors]) => {
      const codes = [...new Set(errors.map(({ code }) => `\`${code}\``))];
      const content = {
        'application/problem+json': { schema: schemaRef('Problem'), examples: examplesOf(errors) },
      };
      const headers = HEADERS[status];
      return [
        status,
        { description: codes.join(', '), ...(headers === undefined ? {} : { headers }), content },
      ];
    }),
  );
}

function examplesOf(errors: readonly WireError[]): Record<string, JsonObject> {
  const examples: Record<string, JsonObject> = {};
  for (const error of errors) {
    const seen = Object.keys(examples).filter((name) => name.startsWith(error.code)).length;
    examples[seen === 0 ? error.code : `${error.code}_${seen + 1}`] = {
      summary: error.code,
      value: problemOf(error),
    };
  }
  return examples;
}
