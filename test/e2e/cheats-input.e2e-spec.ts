import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LIMITS } from '#libs/protocol/wire';
import { type LooseJson, rest } from '#libs/testing';
import {
  ANSWER_ACK_FIELDS,
  acceptedRows,
  answer,
  byPlayer,
  outcomeOf,
  rawCall,
} from './support/answer.client.js';
import { cheatScene } from './support/cheat.scene.js';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { expectProblem, expectRefused } from './support/refusal.matcher.js';
import {
  changesOf,
  closeAllClients,
  command,
  commandSnapshot,
  connect,
  playerOf,
  startOf,
  syncWithVersion,
  type TestMember,
  type TestRoom,
} from './support/room.client.js';

// Somebody sends what no client of ours would send.

let cluster: Cluster;
let room: TestRoom;
let host: TestMember;
let cheat: TestMember;
let honest: TestMember;

beforeAll(async () => {
  cluster = await startCluster('cheats-input');
});
beforeEach(async () => {
  ({ room, host, cheat, honest } = await cheatScene(cluster, { isOneGateway: true }));
});
afterEach(closeAllClients);
afterAll(() => cluster?.stop());

const start = (questionId: string, more: object = {}) =>
  commandSnapshot(host.client, 'question:start', startOf(questionId, more));
const stop = () => commandSnapshot(host.client, 'question:stop');
const outcome = (questionId: string) => outcomeOf(cluster.a.url, room, questionId);
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** Nothing came of it: the cheat has no answer, may still give one, and the neighbour is served as ever. */
async function expectHarmless(): Promise<void> {
  expect(cheat.client.socket.connected).toBe(true);
  const told = await answer(honest.client, 'q', 'right');
  expect(told).toMatchObject({ ok: true, verdict: 'accepted' });
  expect(Object.keys(told).filter((field) => !ANSWER_ACK_FIELDS.includes(field))).toEqual([]);
  expect(changesOf(honest.client).map(({ event }) => event)).toEqual(['question:started']);
  await stop();
  expect(acceptedRows(await outcome('q'))).toEqual([{ playerId: honest.playerId, choice: 'right' }]);
}

describe('too much', () => {
  it('in one frame is too_large, of every event, and the connection lives', async () => {
    await start('q');
    const filler = 'x'.repeat(LIMITS.frameBytes);
    for (const event of ['answer:submit', 'clock:sync', 'room:join', 'question:stop', 'room:leave']) {
      expectRefused(await cheat.client.call(event, { filler }), 'too_large');
    }
    await expectHarmless();
  });

  it('in a choice is refused by the byte, not by the character', async () => {
    await start('q');
    const { choiceBytes } = LIMITS;
    for (const choice of [
      'x'.repeat(choiceBytes - 1),
      'ü'.repeat(choiceBytes / 2),
      Array(choiceBytes).fill(1),
    ]) {
      expectRefused(
        await cheat.client.call('answer:submit', { questionId: 'q', choice }),
        'invalid_payload',
        'choice',
      );
    }
    await expectHarmless();
  });

  it('of nesting is refused, in a choice and around it', async () => {
    await start('q');
    for (const levels of [65, 1_000, 2_000]) {
      const payload = `{"questionId":"q","choice":${nested(levels)}}`;
      expectRefused(await rawCall(cheat.client, 'answer:submit', payload), 'invalid_payload', 'choice');
    }
    expectRefused(await rawCall(cheat.client, 'answer:submit', nested(7_000)), 'invalid_payload', '');
    // What lies in a field that nobody reads is dropped, however deep.
    expect(
      await rawCall(cheat.client, 'answer:submit', `{"questionId":"other","choice":1,"x":${nested(3_000)}}`),
    ).toMatchObject({ verdict: 'wrong_question' });
    await expectHarmless();
  });
});

describe('prototype pollution', () => {
  const POISON = '"__proto__":{"polluted":true,"role":"host","verdict":"accepted"}';
  const MORE_POISON = '"constructor":{"prototype":{"polluted":true}}';

  /** What another member is told afterwards has no field too many, at the gateway that was given the poison. */
  async function expectClean(): Promise<void> {
    const { body, status } = await rest(`${cluster.b.url}/v1/rooms/${room.roomId}`, { key: room.hostToken });
    expect(status).toBe(200);
    const sync = await syncWithVersion(honest.client);
    expect(Object.keys(sync).sort()).toEqual(['ok', 'sentAt', 'serverNow', 'version']);
    const { members } = await command(host.client, 'room:roster');
    const { content, ...snapshot } = body.snapshot;
    for (const object of [body, body.settings, snapshot, sync, ...members]) {
      for (const field in object) expect(field).not.toBe('polluted');
    }
    expect(JSON.stringify([{ ...body, snapshot }, sync, members])).not.toContain('polluted');
    expectRefused(await cheat.client.call('question:stop'), 'forbidden');
  }

  it('by the payload of a command changes nothing for anybody', async () => {
    await start('q');
    const events = ['answer:submit', 'clock:sync', 'room:join', 'room:leave', 'question:stop', 'nonsense'];
    for (const event of events.filter((name) => name !== 'room:leave')) {
      const ack = await rawCall(cheat.client, event, `{${POISON},${MORE_POISON}}`);
      expect(ack.ok).toBe(false);
      expect(Object.keys(ack.error).every((field) => field !== 'polluted')).toBe(true);
    }
    for (const event of ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'prototype']) {
      expectRefused(await rawCall(cheat.client, event, '{"polluted":true}'), 'invalid_payload', 'event');
    }
    // The prototype is no place for a payload's fields either.
    const inherited = '{"__proto__":{"questionId":"q","choice":"x"}}';
    expectRefused(await rawCall(cheat.client, 'answer:submit', inherited), 'invalid_payload', 'questionId');
    await expectClean();
    await expectHarmless();
  });

  it('by a choice or by content pollutes nothing, and is not lost where it is data', async () => {
    const content = `{"text":"?",${POISON},${MORE_POISON}}`;
    const started = await rawCall(
      host.client,
      'question:start',
      `{"questionId":"q","durationMs":60000,"tickMs":0,"content":${content},"correct":{${POISON}}}`,
    );
    expect(started.ok).toBe(true);
    const { payload } = await honest.client.waitFor('question:started');
    expect(JSON.stringify(payload.content)).toBe(content);
    const choice = `{"pick":1,${POISON},${MORE_POISON}}`;
    expect(
      await rawCall(cheat.client, 'answer:submit', `{"questionId":"q","choice":${choice}}`),
    ).toMatchObject({
      ok: true,
      verdict: 'accepted',
    });
    const justPoison = `{${POISON}}`;
    expect(
      await rawCall(honest.client, 'answer:submit', `{"questionId":"q","choice":${justPoison}}`),
    ).toMatchObject({ ok: true, verdict: 'accepted' });
    await expectClean();
    const late = await playerOf(cluster.b.url, room);
    expect(JSON.stringify(late.ack.snapshot.content)).toBe(content);
    await stop();
    const { answers } = await outcome('q');
    const told = answers.map(({ playerId, choice: given, isCorrect }: LooseJson) => ({
      playerId,
      given: JSON.stringify(given),
      isCorrect,
    }));
    expect(byPlayer(told)).toEqual(
      byPlayer([
        { playerId: cheat.playerId, given: choice, isCorrect: false },
        // Own fields are compared, also those with strange names.
        { playerId: honest.playerId, given: justPoison, isCorrect: true },
      ]),
    );
  });

  it('over REST and in names and ids changes nothing', async () => {
    await start('q');
    const route = `${cluster.b.url}/v1/rooms`;
    const made = await rest(route, { body: `{${POISON},"settings":{${POISON},"maxPlayers":5}}` });
    expect(made.status).toBe(201);
    const info = await rest(`${route}/${made.body.roomId}`, { key: made.body.hostToken });
    expect(info.body.settings).toEqual({ maxPlayers: 5 });
    for (const id of ['__proto__', 'constructor', 'toString']) {
      expect(await answer(cheat.client, id, 1, { answerId: id })).toMatchObject({
        verdict: 'wrong_question',
      });
      const ack = await host.client.call('member:kick', { playerId: id });
      expectRefused(ack, 'not_found', 'playerId');
      const missing = await rest(`${route}/${room.roomId}/questions/${id}/outcome`, { key: room.hostToken });
      expectProblem(missing, 'not_found', 'questionId');
    }
    await expectClean();
    await expectHarmless();
  });

  it('by a question whose id is __proto__ is a question like any other', async () => {
    for (const id of ['__proto__', 'constructor']) {
      await start(id);
      expect(await answer(cheat.client, id, 'a', { answerId: '__proto__' })).toMatchObject({
        verdict: 'accepted',
      });
      expect(await answer(cheat.client, id, 'b', { answerId: 'constructor' })).toMatchObject({
        verdict: 'duplicate',
      });
      await stop();
      expect(acceptedRows(await outcome(id))).toEqual([{ playerId: cheat.playerId, choice: 'a' }]);
    }
  });
});

describe('numbers that are none', () => {
  it.each([
    ['question:extend', '{"byMs":1e999}', 'byMs'],
    ['question:extend', '{"byMs":-1e999}', 'byMs'],
    ['question:extend', '{"byMs":-0}', 'byMs'],
    ['question:extend', '{"byMs":"1000"}', 'byMs'],
    ['question:extend', '{"byMs":null}', 'byMs'],
    ['question:extend', '{"byMs":[1000]}', 'byMs'],
    ['question:extend', '{"byMs":9007199254740993}', 'byMs'],
    ['question:start', '{"questionId":"z","durationMs":1e999}', 'durationMs'],
    ['question:start', '{"questionId":"z","durationMs":1000.5}', 'durationMs'],
    ['question:start', '{"questionId":"z","durationMs":1000,"graceMs":"0"}', 'graceMs'],
    ['question:start', '{"questionId":7,"durationMs":1000}', 'questionId'],
    ['question:stop', '{"runId":1e999}', 'runId'],
    ['question:stop', '{"runId":"1"}', 'runId'],
    ['answer:submit', '{"questionId":"q","choice":1e999}', 'choice'],
    ['answer:submit', '{"questionId":"q","choice":{"a":[-1e999]}}', 'choice'],
    ['answer:submit', '{"questionId":"q","choice":1,"runId":-1}', 'runId'],
    ['answer:submit', '{"questionId":"q","choice":1,"runId":1.5}', 'runId'],
    ['answer:submit', '{"questionId":"q","choice":1,"answerId":5}', 'answerId'],
    ['clock:sync', '{"sentAt":1e999}', 'sentAt'],
    ['clock:sync', '{"sentAt":"0"}', 'sentAt'],
  ])('%s %s is refused by name', async (event, payload, field) => {
    await start('q');
    const sender = event.startsWith('question:') ? host : cheat;
    expectRefused(await rawCall(sender.client, event, payload), 'invalid_payload', field);
    await expectHarmless();
  });

  it('written as NaN are no JSON at all, and end only the connection that sent them', async () => {
    await start('q');
    const third = await playerOf(cluster.b.url, room);
    third.client.socket.io.engine.write('2/quiz,1["answer:submit",{"questionId":"q","choice":NaN}]');
    await third.client.ended;
    await expectHarmless();
  });

  it('a minus zero is a zero, also where it names a run', async () => {
    await start('q');
    for (const payload of [
      '{"questionId":"q","choice":1,"runId":-0}',
      '{"questionId":"q","choice":1,"runId":0}',
    ]) {
      expect(await rawCall(cheat.client, 'answer:submit', payload)).toMatchObject({
        verdict: 'wrong_question',
      });
    }
    expect(await rawCall(cheat.client, 'clock:sync', '{"sentAt":-0}')).toMatchObject({ sentAt: 0 });
    await expectHarmless();
  });
});

describe('names', () => {
  it.each([
    ['no-break and wide spaces', ' A\u00a0d\u3000a ', 'A d a'],
    ['a text turned round', 'Ada\u202e(2)', 'Ada(2)'],
    ['unseen characters', 'A\u200bd\u2060a\ufeff', 'Ada (2)'],
    ['wide letters', 'Ａｄａ', 'Ａｄａ (2)'],
    ['control characters and a new line', 'Ada\u0000\n\u001b[2J', 'Ada [2J'],
    ['the name of the present Ada', 'ADA', 'ADA (2)'],
  ])(
    'with %s are shown clean, and told apart from the ones that look the same',
    async (_what, name, shown) => {
      const { ack } = await playerOf(cluster.b.url, room, { name });
      expect(ack.name).toBe(shown);
      const { members } = await command(host.client, 'room:roster');
      const names = members.map((member: { name: string }) => member.name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toContain(shown);
    },
  );

  it('of nothing that is seen, or of 33 emoji, are refused', async () => {
    const client = await connect(cluster.b.url);
    for (const name of ['\u200b\u2060', '\u3164', '\u2800 \u2800', '😀'.repeat(33)]) {
      expectRefused(await client.call('room:join', { pin: room.pin, name }), 'invalid_payload', 'name');
    }
    const { name } = await command(client, 'room:join', { pin: room.pin, name: '😀'.repeat(32) });
    expect(name).toBe('😀'.repeat(32));
  });
});
