import 'reflect-metadata';
import SwaggerParser from '@apidevtools/swagger-parser';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ERROR_CODES, ERRORS, problemOf, problemSchema } from '#libs/protocol';
import { ClientAddresses } from '../access/client.address.js';
import { DrainState } from '../drain.state.js';
import { EdgeBroadcasts } from '../edge.broadcasts.js';
import { EdgeModule } from '../edge.module.js';
import type { EdgeOptions } from '../edge.options.js';
import { ReceiveClock } from '../socket/receive.clock.js';
import { openApiDocument } from './openapi.document.js';
import { REST_ROUTES, refusalsOf } from './rest.routes.js';

/** Of the page, which is for people. */
const UNDOCUMENTED = ['GET /docs', 'GET /docs/ui/:file'];

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

let app: NestExpressApplication;

beforeAll(async () => {
  // Nobody is asked anything: the routes are what counts.
  const config = {
    access: { secrets: ['s'], apiKeys: [], createRooms: 'open' },
    limits: { events: null },
    tutorial: { isOn: false, secrets: [] },
    webhooks: { secrets: [] },
  };
  const options = {
    config,
    metrics: {},
    store: {},
    broadcast: {},
    broadcasts: new EdgeBroadcasts({} as never),
  };
  const module = EdgeModule.register(
    options as unknown as EdgeOptions,
    new DrainState(),
    new ClientAddresses(false),
  );
  // Without the sockets, which need an adapter.
  const providers = module.providers?.filter((one) => typeof one !== 'function');
  app = await NestFactory.create<NestExpressApplication>({ ...module, providers }, { logger: false });
  await app.init();
});
afterAll(async () => {
  app?.get(ReceiveClock).stop();
  await app?.close();
});

/** `METHOD /path/:parameter` of everything that the application serves. */
function servedRoutes(): string[] {
  const { router } = app.getHttpAdapter().getInstance() as { router: { stack: Layer[] } };
  return router.stack.flatMap(({ route }) =>
    route === undefined
      ? []
      : Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`),
  );
}

describe('the OpenAPI document', () => {
  it('is valid', async () => {
    const document = JSON.parse(JSON.stringify(openApiDocument()));
    await expect(SwaggerParser.validate(document)).resolves.toBeDefined();
    // That the validator says no to something.
    delete document.paths['/v1/rooms'].post.responses;
    document.paths['/v1/rooms'].post.parameters = 'none';
    await expect(SwaggerParser.validate(document)).rejects.toThrow();
  });

  it('has every route of the application, and no other', () => {
    const documented = REST_ROUTES.map(
      ({ method, path }) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
    );
    const served = servedRoutes().filter((route) => !UNDOCUMENTED.includes(route));
    expect(documented.sort()).toEqual(served.sort());
    expect(documented.length).toBeGreaterThan(10);
  });

  it('has good examples only', () => {
    for (const { id, body, answers } of REST_ROUTES) {
      if (body !== undefined) expect([id, body.schema.safeParse(body.example).success]).toEqual([id, true]);
      for (const { schema, example } of answers) {
        if (schema !== undefined) expect([id, schema.parse(example)]).toEqual([id, example]);
      }
    }
    for (const refusal of REST_ROUTES.flatMap(refusalsOf)) {
      const problem = problemOf(refusal);
      expect(problemSchema.parse(problem)).toEqual(problem);
    }
  });

  it('shows every code that REST can answer with, under its status', () => {
    const document = JSON.stringify(openApiDocument());
    const onlyAtSockets = ['room_full'];
    for (const code of ERROR_CODES) {
      const isShown = document.includes(`"status":${ERRORS[code].httpStatus},"code":"${code}"`);
      expect([code, isShown]).toEqual([code, !onlyAtSockets.includes(code)]);
    }
  });

  it('names each operation once', () => {
    const ids = REST_ROUTES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
