import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  eventually,
  type LooseJson,
  type RestAnswer,
  rest,
  startStandalone,
  stopAllProcesses,
  TestClient,
  type TestServerProcess,
  uniquePrefix,
} from '#libs/testing';
import { type DocumentedOperation, ServedDocument } from './support/document.conformance.js';

const KEY = 'an-api-key-for-tests';
// Node's fetch crashes on a large body whose connection the server closes while it is read.
const LARGE = { headers: { connection: 'keep-alive' } };

let server: TestServerProcess;
let document: ServedDocument;
let room: { roomId: string; pin: string; hostToken: string };

beforeAll(async () => {
  server = await startStandalone({ prefix: uniquePrefix('docs'), env: { QUIZBELL_API_KEYS: KEY } });
  document = await ServedDocument.of(server.url);
});
afterAll(stopAllProcesses);
beforeEach(async () => {
  room = (await told('createRoom', { body: {} })).body;
});

/** A request of an operation; the answer must be one that the document describes. */
async function told(
  id: string,
  {
    ids = {},
    query = '',
    key = KEY,
    ...more
  }: { ids?: object; query?: string; key?: string; body?: unknown } = {},
): Promise<RestAnswer> {
  const { method, path } = document.operation(id);
  const parameters: Record<string, string> = {
    roomId: room?.roomId,
    playerId: 'p1',
    questionId: 'q1',
    ...ids,
  };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? name);
  const answer = await rest(`${server.url}${filled}${query}`, { method, key, ...more });
  document.expectDescribed(id, answer);
  return answer;
}

const roomOperations = (): DocumentedOperation[] =>
  document.operations.filter(({ isForRooms }) => isForRooms);

/** `path status` of what is answered with another status. */
async function notAnsweredWith(
  status: number,
  operations: readonly DocumentedOperation[],
  ask: (operation: DocumentedOperation) => Promise<RestAnswer>,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const operation of operations) {
    const answer = await ask(operation);
    if (answer.status !== status)
      wrong.push(`${operation.id}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  return wrong;
}

describe('every answer is as the document says', () => {
  it('of a whole quiz', async () => {
    const player = await TestClient.connect(server.url);
    const ack = await player.call('room:join', { pin: room.pin, name: 'Ada' });
    const body = {
      questionId: 'q1',
      durationMs: 60_000,
      content: { text: '?' },
      correct: 'b',
      commandId: 'c1',
    };
    const statuses: [string, LooseJson, number][] = [
      ['readRoom', {}, 200],
      ['createToken', { body: { role: 'spectator' } }, 201],
      ['startQuestion', { body }, 200],
      ['startQuestion', { body }, 200],
      ['startQuestion', { body: { ...body, commandId: 'c2' } }, 409],
      ['readOutcome', {}, 409],
      ['readResults', {}, 409],
      ['pauseQuestion', { body: {} }, 200],
      ['pauseQuestion', { body: {} }, 409],
      ['resumeQuestion', { body: { commandId: 'c1' } }, 400],
      ['resumeQuestion', { key: room.hostToken }, 200],
      ['extendQuestion', { body: { byMs: 1_000 } }, 200],
    ];
    for (const [id, options, status] of statuses) {
      expect([id, (await told(id, options)).status]).toEqual([id, status]);
    }
    await player.call('answer:submit', { questionId: 'q1', choice: 'b' });
    expect((await told('stopQuestion', { body: {} })).status).toBe(200);
    await eventually(async () => (await told('readOutcome')).status === 200);
    expect((await told('readOutcome', { query: '?format=csv' })).body).toContain(',Ada,');
    expect((await told('readResults')).body.choices).toEqual([{ choice: 'b', count: 1 }]);
    expect((await told('readResults', { query: '?runId=x' })).status).toBe(400);
    expect((await told('readResults', { ids: { questionId: 'q9' } })).status).toBe(404);
    expect((await told('readOutcomes')).body.outcomes).toHaveLength(1);
    expect((await told('readOutcomes', { query: '?format=csv' })).body).toContain(',Ada,');
    expect((await told('readOutcomes', { query: '?format=xml' })).status).toBe(400);
    expect((await told('readOutcome', { ids: { questionId: 'q9' } })).status).toBe(404);
    expect((await told('readOutcome', { query: '?runId=x' })).status).toBe(400);
    expect((await told('kickPlayer', { ids: { playerId: ack.playerId } })).status).toBe(204);
    expect((await told('kickPlayer', { ids: { playerId: 'nobody' } })).status).toBe(404);
    expect((await told('erasePlayer', { ids: { playerId: ack.playerId } })).status).toBe(204);
    expect((await told('erasePlayer', { ids: { playerId: 'nobody' } })).status).toBe(404);
    expect((await told('closeRoom')).status).toBe(204);
    player.close();
  });

  it('of health and documents', async () => {
    for (const id of ['isLive', 'isReady', 'readOpenApi', 'readAsyncApi']) {
      expect([id, (await told(id, { key: undefined })).status]).toEqual([id, 200]);
    }
  });

  it('to a stranger, and to a role that may not', async () => {
    const tokenOf = async (role: string) => (await told('createToken', { body: { role } })).body.token;
    const [cohost, player] = [await tokenOf('co-host'), await tokenOf('player')];
    const operations = roomOperations();
    expect(operations.length).toBeGreaterThan(8);
    expect(await notAnsweredWith(401, operations, ({ id }) => told(id, { key: 'a-wrong-key' }))).toEqual([]);
    expect(await notAnsweredWith(403, operations, ({ id }) => told(id, { key: player }))).toEqual([]);
    // What a screen may read a co-host may, too.
    const hosts = operations.filter(({ id }) => id !== 'readResults');
    expect(await notAnsweredWith(403, hosts, ({ id }) => told(id, { key: cohost }))).toEqual([]);
    expect((await told('createRoom', { key: 'a-wrong-key', body: {} })).status).toBe(401);
  });

  it('about a room that there is not', async () => {
    const bodies: Record<string, object> = {
      createToken: { role: 'player' },
      startQuestion: { questionId: 'q1', durationMs: 1_000 },
      extendQuestion: { byMs: 1 },
    };
    const ask = ({ id }: DocumentedOperation) =>
      told(id, { ids: { roomId: '000nobody' }, ...(bodies[id] === undefined ? {} : { body: bodies[id] }) });
    expect(await notAnsweredWith(404, roomOperations(), ask)).toEqual([]);
  });

  it('to bodies that are too large, or no object', async () => {
    const operations = document.operations.filter(({ takesBody }) => takesBody);
    expect(operations.length).toBeGreaterThan(5);
    const large = { more: 'x'.repeat(17_000) };
    expect(await notAnsweredWith(413, operations, ({ id }) => told(id, { body: large }))).toEqual([]);
    expect(await notAnsweredWith(400, operations, ({ id }) => told(id, { body: [] }))).toEqual([]);
  });

  it('to whoever asks too often', async () => {
    const env = { QUIZBELL_API_KEYS: KEY, QUIZBELL_RATE_REST: '1/60s' };
    const busy = await startStandalone({ prefix: uniquePrefix('docs-busy'), env });
    await rest(`${busy.url}/v1/rooms`, { key: KEY, body: {} });
    const refused = await rest(`${busy.url}/v1/rooms`, { key: KEY, body: {} });
    expect(refused.status).toBe(429);
    document.expectDescribed('createRoom', refused);
    await busy.stop();
  });
});

describe('the page', () => {
  it('loads everything from this gateway, and allows nothing else', async () => {
    const page = await rest(`${server.url}/docs`);
    expect(page.headers.get('content-type')).toContain('text/html');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe-inline/);
    const loaded = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address as string);
    expect(loaded.filter((address) => !/^(\/docs\/|data:)/.test(address))).toEqual([]);
    for (const address of loaded.filter((one) => one.startsWith('/'))) {
      const { status, body, headers } = await rest(`${server.url}${address}`, LARGE);
      expect([address, status, headers.get('x-content-type-options') ?? 'nosniff']).toEqual([
        address,
        200,
        'nosniff',
      ]);
      expect(body).toBeTruthy();
    }
    expect(page.body).not.toMatch(/<script>|<style>| on\w+=/);
  });

  it('serves its own files and no others', async () => {
    for (const file of ['package.json', '..%2fpackage.json', '%2fetc%2fpasswd', 'toString']) {
      const answer = await rest(`${server.url}/docs/ui/${file}`);
      expect([file, answer.status, answer.body.code]).toEqual([file, 404, 'not_found']);
    }
  });

  it('gives its files plain to whoever does not take them compressed', async () => {
    const url = `${server.url}/docs/ui/swagger-ui.css`;
    const plain = await rest(url, { headers: { ...LARGE.headers, 'accept-encoding': 'identity' } });
    const gzipped = await rest(url, { headers: { ...LARGE.headers, 'accept-encoding': 'gzip' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(gzipped.headers.get('content-encoding')).toBe('gzip');
    expect(gzipped.body).toBe(plain.body);
  });
});
