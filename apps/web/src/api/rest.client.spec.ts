import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { QuizbellError } from '#libs/client';
import { createRoom, createToken } from './rest.client.js';

interface Request {
  readonly path: string;
  readonly init: RequestInit;
}

const realFetch = globalThis.fetch;
let requests: Request[];
let answer: () => Response;

beforeEach(() => {
  requests = [];
  globalThis.fetch = (async (path: string, init: RequestInit) => {
    requests.push({ path, init });
    return answer();
  }) as typeof fetch;
});
afterEach(() => {
  globalThis.fetch = realFetch;
});

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const ROOM = { roomId: 'r1', pin: '123456', hostToken: 'a.b.c' };

async function refusal(of: Promise<unknown>): Promise<QuizbellError> {
  const failure = await of.then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(QuizbellError);
  return failure as QuizbellError;
}

describe('creating a room', () => {
  it('sends no credentials where there are none, and the key where there is one', async () => {
    answer = () => json(201, ROOM);
    expect(await createRoom(null)).toEqual(ROOM);
    await createRoom('key');
    expect(requests.map(({ path }) => path)).toEqual(['/v1/rooms', '/v1/rooms']);
    expect(requests[0]?.init.headers).not.toHaveProperty('Authorization');
    expect(requests[1]?.init.headers).toHaveProperty('Authorization', 'Bearer key');
  });

  it('is refused with the code of the server and when to try again', async () => {
    answer = () =>
      json(429, { code: 'rate_limited', message: 'Too many', retryable: true, retryAfterMs: 1_500 });
    expect(await refusal(createRoom(null))).toMatchObject({
      code: 'rate_limited',
      retryable: true,
      retryAfterMs: 1_500,
    });
  });

  it('takes the waiting time from the header where the body has none', async () => {
    answer = () => new Response('slow down', { status: 429, headers: { 'Retry-After': '3' } });
    expect(await refusal(createRoom(null))).toMatchObject({ code: 'rate_limited', retryAfterMs: 3_000 });
  });

  it.each([
    [502, 'unavailable'],
    [503, 'unavailable'],
    [401, 'unauthorized'],
    [500, 'internal'],
  ])('knows a proxy that answers %d with a page as %s', async (status, code) => {
    answer = () => new Response('<html>', { status });
    expect((await refusal(createRoom(null))).code).toBe(code);
  });

  it('is not done when the answer is none', async () => {
    answer = () => json(200, { roomId: 'r1' });
    expect((await refusal(createRoom(null))).code).toBe('unavailable');
  });
});

describe('making a token', () => {
  it('asks for the role with the token of the host', async () => {
    answer = () => json(201, { token: 't', playerId: 'p', role: 'spectator' });
    expect(await createToken('r/1', 'host', 'spectator')).toBe('t');
    expect(requests[0]?.path).toBe('/v1/rooms/r%2F1/tokens');
    expect(requests[0]?.init).toMatchObject({ method: 'POST', body: '{"role":"spectator"}' });
    expect(requests[0]?.init.headers).toHaveProperty('Authorization', 'Bearer host');
  });
});
