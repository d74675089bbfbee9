import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { OUTCOME_COLUMNS, outcomeSchema, roomOutcomesSchema, runResultsSchema } from '#libs/protocol';
import {
  eventually,
  type LooseJson,
  type RestAnswer,
  type RestOptions,
  rest,
  type TestProcess,
} from '#libs/testing';
import { serverNow } from './support/answer.client.js';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { expectProblem } from './support/refusal.matcher.js';
import {
  closeAllClients,
  command,
  commandSnapshot,
  createRoom,
  hostOf,
  join,
  memberOf,
  playerOf,
  startOf,
  type TestMember,
  type TestRoom,
  untilServerTime,
} from './support/room.client.js';

const KEY = 'an-api-key-for-tests';
const FORMULA = '=HYPERLINK("http://a.io";"x")';

/** So long after its closing a run without grace is settled (ms). */
const SETTLED_AFTER_MS = 1_000;
/** Far more than two gateways' estimates of the clock differ by. */
const APART_MS = 100;

let cluster: Cluster;
let room: TestRoom;
let host: TestMember;

beforeAll(async () => {
  cluster = await startCluster('outcomes', { env: { QUIZBELL_API_KEYS: KEY } });
});
beforeEach(async () => {
  room = await createRoom(cluster.a.url, undefined, KEY);
  host = await hostOf(cluster.a.url, room);
});
afterEach(async () => {
  // What still runs would be settled while another test counts.
  await host.client.call('room:close').catch(() => undefined);
  closeAllClients();
});
afterAll(() => cluster?.stop());

type Gateway = 'a' | 'b';

function ask(path: string, options: RestOptions = {}, gateway: Gateway = 'b'): Promise<RestAnswer> {
  const url = `${cluster[gateway].url}/v1/rooms/${room.roomId}${path}`;
  return rest(url, { key: room.hostToken, ...options });
}

const answer = (by: TestMember, questionId: string, choice: unknown, more: object = {}) =>
  command(by.client, 'answer:submit', { questionId, choice, ...more });

/** Starts a question; gives its run. */
async function begin(questionId: string, more: object = {}): Promise<LooseJson> {
  return commandSnapshot(host.client, 'question:start', startOf(questionId, more));
}

/** Until both gateways, however they estimate the clock, call what happens next later than what happened before. */
async function apart(atB: TestMember): Promise<void> {
  const clients = [host.client, atB.client];
  const now = Math.max(...(await Promise.all(clients.map(serverNow))));
  for (const client of clients) await untilServerTime(client, now + APART_MS);
}

/** The outcome of the question, as soon as its newest run is settled. */
async function outcomeOf(questionId: string, gateway: Gateway = 'b', query = ''): Promise<LooseJson> {
  return eventually(
    async () => {
      const { status, body } = await ask(`/questions/${questionId}/outcome${query}`, {}, gateway);
      if (status === 200) return body;
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'wrong_phase' });
      return undefined;
    },
    { timeoutMs: 30_000, everyMs: 50, message: `${questionId} was not settled` },
  );
}

/** The rows of a CSV document (RFC 4180), without its header. */
function rowsOf(text: string): Record<string, string>[] {
  expect(text.endsWith('\r\n')).toBe(true);
  const lines = text.slice(0, -2).split('\r\n');
  const [header = [], ...rows] = lines.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
    ),
  );
  expect(header).toEqual([...OUTCOME_COLUMNS]);
  return rows.map((cells) => Object.fromEntries(cells.map((cell, i) => [header[i] ?? '', cell])));
}

/** Plays a question with an answer of each kind; gives nothing when that took too long for the last one. */
async function playEachKind() {
  room = await createRoom(cluster.a.url, undefined, KEY);
  host = await hostOf(cluster.a.url, room);
  const [ada, bob, cleo, dan] = await Promise.all([
    playerOf(cluster.a.url, room, { name: 'Ada' }),
    playerOf(cluster.b.url, room, { name: FORMULA }),
    playerOf(cluster.b.url, room, { name: 'Cleo' }),
    playerOf(cluster.a.url, room, { name: 'Dan' }),
  ]);
  const { runId, opensAt } = await begin('q1', {
    correct: { ids: [1, 2], sure: true },
    mayChangeAnswer: true,
  });
  expect(await answer(ada, 'q1', { ids: [2, 1], sure: true })).toMatchObject({ verdict: 'accepted' });
  await apart(bob);
  await answer(ada, 'q1', { sure: true, ids: [1, 2] });
  await apart(bob);
  await answer(bob, 'q1', { ids: [2, 1], sure: true });
  await apart(bob);
  const { version } = await commandSnapshot(host.client, 'question:pause');
  await cleo.client.waitFor('question:paused', (event) => event.version === version);
  await apart(bob);
  expect(await answer(cleo, 'q1', 'A')).toMatchObject({ verdict: 'paused' });
  await apart(bob);
  await command(host.client, 'question:resume');
  const { endsAt } = await commandSnapshot(host.client, 'question:extend', { byMs: -59_000 });
  await dan.client.waitFor('question:closed', (event) => event.runId === runId);
  await apart(bob);
  const late = await answer(dan, 'q1', 7);
  expect(late).toMatchObject({ verdict: 'late', lateByMs: expect.any(Number) });
  // Else it may have come when the run was settled, and is in no outcome.
  const isInTime = (await serverNow(dan.client)) < endsAt + SETTLED_AFTER_MS - APART_MS;
  return isInTime ? { ada, bob, cleo, dan, runId, opensAt, endsAt, late } : undefined;
}

describe('the outcome of a run', () => {
  it('tells who answered what and when, and what happened to the run, as JSON and as CSV', async () => {
    const { ada, bob, cleo, dan, runId, opensAt, endsAt, late } = await eventually(playEachKind, {
      timeoutMs: 60_000,
    });
    const outcome = await outcomeOf('q1');
    expect(outcomeSchema.parse(outcome)).toEqual(outcome);
    expect(outcome).toMatchObject({
      roomId: room.roomId,
      questionId: 'q1',
      runId,
      opensAt,
      endsAt,
      closedAt: endsAt,
      reason: 'expired',
      correct: { ids: [1, 2], sure: true },
      counts: { accepted: 2, late: 1, paused: 1, not_open: 0 },
    });
    expect(outcome).not.toHaveProperty('afterDataLoss');
    expect(outcome.settledAt).toBeGreaterThanOrEqual(endsAt + 1_000);
    const told = outcome.answers.map(({ receivedAt: _, elapsedMs: __, ...row }: LooseJson) => row);
    expect(told).toEqual([
      {
        playerId: ada.playerId,
        name: 'Ada',
        choice: { sure: true, ids: [1, 2] },
        verdict: 'accepted',
        isCorrect: true,
      },
      {
        playerId: bob.playerId,
        name: FORMULA,
        choice: { ids: [2, 1], sure: true },
        verdict: 'accepted',
        isCorrect: false,
      },
      { playerId: cleo.playerId, name: 'Cleo', choice: 'A', verdict: 'paused', isCorrect: false },
      {
        playerId: dan.playerId,
        name: 'Dan',
        choice: 7,
        verdict: 'late',
        lateByMs: late.lateByMs,
        isCorrect: false,
      },
    ]);
    expect(outcome.answers[3].receivedAt).toBe(late.receivedAt);
    expect(
      outcome.timeline.map(({ event, playerId, verdict }: LooseJson) =>
        event === 'verdict' ? `${playerId} ${verdict}` : event,
      ),
    ).toEqual([
      'started',
      `${ada.playerId} accepted`,
      `${ada.playerId} accepted`,
      `${bob.playerId} accepted`,
      'paused',
      `${cleo.playerId} paused`,
      'resumed',
      'extended',
      'closed',
      `${dan.playerId} late`,
    ]);

    const csv = await ask('/questions/q1/outcome?format=csv');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(csv.headers.get('content-disposition')).toBe(
      `attachment; filename="outcome-${room.roomId}-q1-${runId}.csv"`,
    );
    const rows = rowsOf(csv.body);
    expect(rows).toHaveLength(4);
    expect(rows[1]).toEqual({
      roomId: room.roomId,
      questionId: 'q1',
      runId: String(runId),
      opensAt: String(opensAt),
      closedAt: String(endsAt),
      reason: 'expired',
      playerId: bob.playerId,
      // Not a formula any more.
      name: `'${FORMULA}`,
      choice: '{"ids":[2,1],"sure":true}',
      verdict: 'accepted',
      receivedAt: String(outcome.answers[1].receivedAt),
      elapsedMs: String(outcome.answers[1].elapsedMs),
      lateByMs: '',
      isCorrect: 'false',
      afterDataLoss: '',
    });
    expect(csv.body).not.toMatch(/(^|[\r\n,])"?=/);
    const byAccept = await ask('/questions/q1/outcome', { headers: { accept: 'text/csv' } }, 'a');
    expect(byAccept.body).toBe(csv.body);
    const json = await ask('/questions/q1/outcome?format=json', { headers: { accept: 'text/csv' } });
    expect(json.body).toEqual(outcome);
  });

  it('is not there before the run is settled, and then is that of the newest run, or of the one that is named', async () => {
    const first = await begin('q1');
    expectProblem(await ask('/questions/q1/outcome'), 'wrong_phase');
    await command(host.client, 'question:stop');
    const settled = await outcomeOf('q1');
    expect(settled).toMatchObject({ runId: first.runId, reason: 'stopped', answers: [] });
    expect(settled).not.toHaveProperty('correct');
    const second = await begin('q1');
    expectProblem(await ask('/questions/q1/outcome'), 'wrong_phase');
    expect((await ask(`/questions/q1/outcome?runId=${first.runId}`)).body).toEqual(settled);
    expectProblem(await ask(`/questions/q1/outcome?runId=${second.runId}`), 'wrong_phase');
    expectProblem(await ask(`/questions/q1/outcome?runId=${first.runId + 1}`), 'not_found', 'runId');
    expectProblem(await ask(`/questions/q2/outcome?runId=${first.runId}`), 'not_found', 'questionId');
    expectProblem(await ask('/questions/q2/outcome'), 'not_found', 'questionId');
    expectProblem(await ask('/questions/q1/outcome?runId=first'), 'invalid_payload', 'runId');
    expectProblem(await ask('/questions/q1/outcome?format=xml'), 'invalid_payload', 'format');
  });

  it('is for API keys and the host of the room', async () => {
    await begin('q1');
    await command(host.client, 'question:stop');
    const outcome = await outcomeOf('q1');
    const player = await playerOf(cluster.a.url, room, { name: 'Ada' });
    const other = await createRoom(cluster.a.url, undefined, KEY);
    for (const path of ['/questions/q1/outcome', '/outcomes', '/questions/q1/outcome?format=csv']) {
      expectProblem(await ask(path, { key: undefined }), 'unauthorized');
      expectProblem(await ask(path, { key: other.hostToken }), 'unauthorized');
      expectProblem(await ask(path, { key: player.token }), 'forbidden');
    }
    expect((await ask('/questions/q1/outcome', { key: KEY })).body).toEqual(outcome);
    const unknown = await rest(`${cluster.a.url}/v1/rooms/000${'x'.repeat(21)}/outcomes`, { key: KEY });
    expectProblem(unknown, 'room_not_found');
  });
});

describe('the results of a run', () => {
  const results = (query = '', options: RestOptions = {}, gateway: Gateway = 'b') =>
    ask(`/questions/q1/results${query}`, options, gateway);

  it('tell screens and hosts how many chose what, once it is settled, from any gateway, and name nobody', async () => {
    const players = await Promise.all(
      ['Ada', 'Bob', 'Cleo', 'Dan'].map((name, i) =>
        playerOf(i % 2 === 0 ? cluster.a.url : cluster.b.url, room, { name }),
      ),
    );
    const [screen, coHost] = [
      await memberOf(cluster.b.url, room, 'spectator'),
      await memberOf(cluster.a.url, room, 'co-host'),
    ];
    // So long that it is not settled before it has been asked for.
    const { runId } = await begin('q1', { correct: 'b', graceMs: 3_000 });
    const choices = ['a', { text: 'b', id: 1 }, { id: 1, text: 'b' }];
    for (const [i, choice] of choices.entries()) await answer(players[i] as TestMember, 'q1', choice);
    expectProblem(await results('', { key: screen.token }), 'wrong_phase');
    const { closedAt } = await commandSnapshot(host.client, 'question:stop');
    const dan = players[3] as TestMember;
    await dan.client.waitFor('question:closed');
    await apart(dan);
    expect(await answer(dan, 'q1', 'a')).toMatchObject({ verdict: 'not_open' });
    expectProblem(await results('', { key: screen.token }), 'wrong_phase');
    await outcomeOf('q1');
    const told = await results('', { key: screen.token });
    expect(told.status).toBe(200);
    expect(runResultsSchema.parse(told.body)).toEqual(told.body);
    expect(told.body).toEqual({
      roomId: room.roomId,
      questionId: 'q1',
      runId,
      reason: 'stopped',
      closedAt,
      answered: 3,
      correct: 'b',
      choices: [
        { choice: { id: 1, text: 'b' }, count: 2 },
        { choice: 'a', count: 1 },
      ],
    });
    for (const key of [KEY, room.hostToken, coHost.token]) {
      for (const gateway of ['a', 'b'] as const) {
        expect((await results('', { key }, gateway)).body).toEqual(told.body);
      }
    }
    await begin('q1');
    expectProblem(await results('', { key: screen.token }), 'wrong_phase');
    expect((await results(`?runId=${runId}`, { key: screen.token })).body).toEqual(told.body);
    expectProblem(await results(`?runId=${runId + 1}`, { key: screen.token }), 'not_found', 'runId');
    expectProblem(await results('?runId=first', { key: screen.token }), 'invalid_payload', 'runId');
    const unknown = await ask('/questions/q2/results', { key: screen.token });
    expectProblem(unknown, 'not_found', 'questionId');
    // Played again, `correct` of the first run must not help anybody.
    for (const { token } of players) {
      expectProblem(await results(`?runId=${runId}`, { key: token }), 'forbidden');
    }
  });

  it('are not for other rooms, nor for a screen that was put out, also after the room was closed', async () => {
    const [stays, kicked] = [
      await memberOf(cluster.b.url, room, 'spectator'),
      await memberOf(cluster.b.url, room, 'spectator'),
    ];
    const other = await createRoom(cluster.a.url, undefined, KEY);
    const stranger = await memberOf(cluster.a.url, other, 'spectator');
    await begin('q1');
    await command(host.client, 'question:stop');
    await outcomeOf('q1');
    await command(host.client, 'member:kick', { playerId: kicked.playerId });
    const expectAll = async () => {
      expect((await results('', { key: stays.token }, 'a')).status).toBe(200);
      expectProblem(await results('', { key: kicked.token }), 'forbidden');
      expectProblem(await results('', { key: stranger.token }), 'unauthorized');
      expectProblem(await results('', { key: other.hostToken }), 'unauthorized');
      expectProblem(await results('', { key: undefined }), 'unauthorized');
    };
    await expectAll();
    await command(host.client, 'room:close');
    await expectAll();
  });
});

describe('the outcomes of a room', () => {
  it('are all settled runs in the order of their starts, as JSON and as CSV, also after the room was closed', async () => {
    const ada = await playerOf(cluster.b.url, room, { name: 'Ada' });
    const runs: LooseJson[] = [];
    for (const questionId of ['q1', 'q2', 'q1']) {
      runs.push(await begin(questionId, { correct: 'A' }));
      // To the run that is open now, also of a question that is played again.
      expect(await answer(ada, questionId, 'A')).toMatchObject({ verdict: 'accepted' });
      await command(host.client, 'question:stop');
    }
    const one = await outcomeOf('q1', 'a', `?runId=${runs[0].runId}`);
    const open = await begin('q9');
    await eventually(async () => (await ask('/outcomes')).body.outcomes.length === 3, { timeoutMs: 10_000 });
    await command(host.client, 'room:close');
    expectProblem(await ask(''), 'room_not_found');
    const { body, headers } = await eventually(
      async () => {
        const list = await ask('/outcomes');
        return list.body.outcomes.length === 4 ? list : undefined;
      },
      { timeoutMs: 10_000, message: 'the run of the closed room was not settled' },
    );
    expect(headers.get('content-type')).toContain('application/json');
    expect(roomOutcomesSchema.parse(body)).toEqual(body);
    expect(body.roomId).toBe(room.roomId);
    expect(body.outcomes.map(({ runId }: LooseJson) => runId)).toEqual(
      [...runs, open].map(({ runId }) => runId),
    );
    expect(body.outcomes[0]).toEqual(one);
    expect(body.outcomes[3]).toMatchObject({ questionId: 'q9', reason: 'room-closed' });
    const csv = await ask('/outcomes?format=csv', {}, 'a');
    expect(csv.headers.get('content-disposition')).toBe(`attachment; filename="outcomes-${room.roomId}.csv"`);
    expect(
      rowsOf(csv.body).map(({ questionId, runId, name, isCorrect }) => [questionId, runId, name, isCorrect]),
    ).toEqual(runs.map(({ questionId, runId }) => [questionId, String(runId), 'Ada', 'true']));
  });
});

describe('a scheduler that is killed between closing and settling', () => {
  /** The runs that it has settled. */
  async function settledBy(scheduler: TestProcess): Promise<number> {
    const port = await eventually(() => {
      const line = scheduler.lines.find((text) => text.includes('Health and metrics'));
      return line === undefined ? undefined : (JSON.parse(line).port as number);
    });
    const { body } = await rest(`http://127.0.0.1:${port}/metrics`);
    return Number(/^quizbell_runs_settled_total (\d+)$/m.exec(body)?.[1] ?? Number.NaN);
  }

  it('leaves a run that is settled once, by the next owner, with one outcome', async () => {
    const ada = await playerOf(cluster.b.url, room, { name: 'Ada' });
    const { runId } = await begin('q1', { graceMs: 10_000, correct: 'A' });
    await answer(ada, 'q1', 'A');
    const { closedAt } = await commandSnapshot(host.client, 'question:stop');
    expectProblem(await ask('/questions/q1/outcome'), 'wrong_phase');
    await cluster.scheduler.kill('SIGKILL');
    // Two that could do it: only the one that owns the shard may. Both are up long before the time of grace has passed.
    const successors = await Promise.all([cluster.anotherScheduler(), cluster.anotherScheduler()]);
    // What other tests have played is settled by then.
    await untilServerTime(host.client, closedAt + 6_000);
    const before = await Promise.all(successors.map(settledBy));
    expectProblem(await ask('/questions/q1/outcome'), 'wrong_phase');
    const [a, b] = await Promise.all([outcomeOf('q1', 'a'), outcomeOf('q1', 'b')]);
    expect(a).toEqual(b);
    expect(a).toMatchObject({ runId, closedAt, counts: { accepted: 1 } });
    expect(a.settledAt).toBeGreaterThanOrEqual(closedAt + 11_000);
    await untilServerTime(host.client, a.settledAt + 1_500);
    const after = await Promise.all(successors.map(settledBy));
    expect(after.reduce((sum, one) => sum + one, 0) - before.reduce((sum, one) => sum + one, 0)).toBe(1);
    for (const gateway of ['a', 'b'] as const) expect(await outcomeOf('q1', gateway)).toEqual(a);
    expect((await ask('/outcomes')).body.outcomes).toEqual([a]);
  });
});

describe('a player who is deleted', () => {
  const SECRET = 'Grace Hopper';

  /** Every key, field and value of the installation that has this text, but for the id that may not come back. */
  async function tracesOf(text: string, playerId: string): Promise<string[]> {
    const { redis, prefix } = cluster;
    const found: string[] = [];
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1_000);
      cursor = next;
      for (const key of keys) {
        const content = await contentOf(key);
        const searched = content.replaceAll(`removed:${playerId}`, 'removed:');
        if (`${key} ${searched}`.toLowerCase().includes(text.toLowerCase()))
          found.push(`${key}: ${searched}`);
      }
    } while (cursor !== '0');
    return found;
  }

  async function contentOf(key: string): Promise<string> {
    const { redis } = cluster;
    const type = await redis.type(key);
    switch (type) {
      case 'hash':
        return JSON.stringify(Object.entries(await redis.hgetall(key)));
      case 'string':
        return (await redis.get(key)) ?? '';
      case 'zset':
        return (await redis.zrange(key, '0', '-1')).join(' ');
      case 'set':
        return (await redis.smembers(key)).join(' ');
      case 'stream':
        return JSON.stringify(await redis.xrange(key, '-', '+'));
      case 'none':
        return '';
      default:
        throw new Error(`${key} is a ${type}`);
    }
  }

  it('is put out, gone from every document and from Redis, and cannot come back', async () => {
    const [grace, ada] = await Promise.all([
      playerOf(cluster.b.url, room, { name: SECRET }),
      playerOf(cluster.a.url, room, { name: 'Ada' }),
    ]);
    await begin('q1', { mayChangeAnswer: true });
    await answer(grace, 'q1', 'mine');
    await answer(grace, 'q1', 'mine again');
    await answer(ada, 'q1', 'A');
    await command(host.client, 'question:stop');
    const before = await outcomeOf('q1');
    expect(before.answers).toHaveLength(2);
    await begin('q2');
    await answer(grace, 'q2', 'mine too');
    await answer(ada, 'q2', 'A');
    expect(await tracesOf(SECRET, grace.playerId)).not.toEqual([]);

    const path = `/players/${grace.playerId}`;
    const other = await createRoom(cluster.a.url, undefined, KEY);
    expectProblem(await ask(path, { method: 'DELETE', key: other.hostToken }), 'unauthorized');
    expectProblem(await ask(path, { method: 'DELETE', key: grace.token }), 'forbidden');
    expect((await ask(path, { method: 'DELETE' })).status).toBe(204);
    await grace.client.waitFor('member:removed', ({ reason }) => reason === 'kicked');
    await grace.client.ended;
    expect((await ask(path, { method: 'DELETE' }, 'a')).status).toBe(204);
    expectProblem(await ask('/players/nobody', { method: 'DELETE' }), 'not_found', 'playerId');
    expectProblem(await ask(`/players/${host.playerId}`, { method: 'DELETE' }), 'forbidden');

    await expect(join(cluster.a.url, { token: grace.token })).rejects.toThrow('forbidden');
    await command(host.client, 'question:stop');
    const later = await outcomeOf('q2');
    expect(later.answers.map(({ name }: LooseJson) => name)).toEqual(['Ada']);
    const after = await outcomeOf('q1', 'a');
    const isHers = ({ playerId }: LooseJson) => playerId === grace.playerId;
    expect(after).toEqual({
      ...before,
      counts: { ...before.counts, accepted: 1 },
      answers: before.answers.filter((row: LooseJson) => !isHers(row)),
      timeline: before.timeline.filter((entry: LooseJson) => !isHers(entry)),
    });
    for (const answerTo of [await ask('/outcomes'), await ask('/outcomes?format=csv')]) {
      const text = JSON.stringify(answerTo.body);
      expect(text).toContain('Ada');
      for (const trace of [SECRET, grace.playerId, 'mine']) expect(text).not.toContain(trace);
    }
    for (const trace of [SECRET, grace.playerId, 'mine']) {
      expect(await tracesOf(trace, grace.playerId)).toEqual([]);
    }
  });

  it('can be deleted from a room that is closed', async () => {
    const grace = await playerOf(cluster.b.url, room, { name: SECRET });
    await begin('q1');
    await answer(grace, 'q1', 'mine');
    await command(host.client, 'room:close');
    expect(await outcomeOf('q1')).toMatchObject({ counts: { accepted: 1 } });
    expect((await ask(`/players/${grace.playerId}`, { method: 'DELETE' })).status).toBe(204);
    expect(await outcomeOf('q1')).toMatchObject({ counts: { accepted: 0 }, answers: [] });
    for (const trace of [SECRET, grace.playerId, 'mine']) {
      expect(await tracesOf(trace, grace.playerId)).toEqual([]);
    }
  });
});
