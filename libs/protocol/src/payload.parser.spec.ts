import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseBody, parseClientEvent } from './payload.parser.js';
import {
  createRoomBodySchema,
  createTokenBodySchema,
  questionCommandBodySchema,
  startQuestionBodySchema,
} from './rest.schema.js';
import { CLIENT_EVENTS, type ClientEventName } from './wire/event.names.js';
import type { DurationMs, EpochMs } from './wire/time.types.js';

const START = { questionId: 'q1', durationMs: 20_000 };

/** The field that a refused payload names, or `undefined` if it was accepted. */
function fieldOf(event: string, ...args: unknown[]): string | undefined {
  const parsed = parseClientEvent(event, args);
  if (parsed.ok) return undefined;
  expect(parsed.error).toMatchObject({ code: 'invalid_payload', retryable: false });
  return parsed.error.field;
}

function payloadOf(event: string, payload: unknown): unknown {
  const parsed = parseClientEvent(event, [payload]);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.payload;
}

/** Every field that any client payload of the contract has. */
const FIELDS = [
  ...[
    'pin',
    'roomId',
    'token',
    'name',
    'ticks',
    'commandId',
    'sentAt',
    'questionId',
    'durationMs',
    'leadInMs',
  ],
  ...['startAt', 'graceMs', 'tickMs', 'content', 'correct', 'runId', 'byMs', 'choice', 'answerId'],
  ...['mayChangeAnswer', 'playerId', 'ban'],
];
const eventName = fc.oneof(fc.constantFrom(...Object.values(CLIENT_EVENTS)), fc.string());

// Values that are often good, so that the laws also see accepted payloads and each single kind of bad one.
const plausible: fc.Arbitrary<Record<string, unknown>> = fc.record(
  {
    pin: fc.oneof(fc.constant('012345'), fc.jsonValue()),
    token: fc.oneof(fc.string(), fc.jsonValue()),
    name: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
    ticks: fc.oneof(fc.boolean(), fc.jsonValue()),
    commandId: fc.oneof(fc.constant('c-1'), fc.string()),
    sentAt: fc.oneof(fc.integer(), fc.double()),
    questionId: fc.constantFrom('q1', 'a.b', '', 'é', 5),
    durationMs: fc.oneof(fc.integer({ min: 100, max: 90_000_000 }), fc.double()),
    leadInMs: fc.integer({ min: -1, max: 60_001 }),
    startAt: fc.maxSafeInteger(),
    tickMs: fc.constantFrom(0, -0, 50, 100, 60_000),
    byMs: fc.oneof(fc.integer(), fc.double()),
    runId: fc.maxSafeInteger(),
    content: fc.jsonValue(),
    choice: fc.jsonValue(),
    playerId: fc.constantFrom('p_1', '', 'p 1', 5),
    ban: fc.oneof(fc.boolean(), fc.jsonValue()),
  },
  { requiredKeys: [] },
);

describe('parseClientEvent, whatever comes', () => {
  it('never throws, and refuses naming "event", the whole payload or a field of the contract', () => {
    const anything = fc.oneof(
      plausible,
      fc.jsonValue(),
      fc.anything({
        withBigInt: true,
        withDate: true,
        withNullPrototype: true,
        withTypedArray: true,
        withSparseArray: true,
      }),
    );
    fc.assert(
      fc.property(eventName, fc.array(anything, { maxLength: 2 }), (event, args) => {
        const field = fieldOf(event, ...args);
        expect(['event', '', undefined, ...FIELDS]).toContain(field);
      }),
      { numRuns: 1_000 },
    );
  });

  it('parses a parsed payload to itself', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(CLIENT_EVENTS)), plausible, (event, payload) => {
        const parsed = parseClientEvent(event, [payload]);
        if (parsed.ok) expect(parseClientEvent(event, [parsed.payload])).toEqual(parsed);
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes every event with a good payload', () => {
    const good: Record<ClientEventName, object> = {
      'room:join': { pin: '012345', name: 'Ada' },
      'room:leave': {},
      'room:roster': {},
      'room:close': { commandId: 'c1' },
      'clock:sync': { sentAt: -5 },
      'question:start': START,
      'question:pause': { runId: 5 },
      'question:resume': {},
      'question:extend': { byMs: -5_000 },
      'question:stop': { commandId: 'c2' },
      'answer:submit': { questionId: 'q1', choice: null },
      'member:kick': { playerId: 'p_1' },
    };
    for (const [event, payload] of Object.entries(good))
      expect([event, fieldOf(event, payload)]).toEqual([event, undefined]);
  });

  it.each(['', 'question:begin', '__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'knows no event %p',
    (event) => {
      expect(fieldOf(event, {})).toBe('event');
    },
  );

  it('takes exactly one plain object', () => {
    const bad = [[], [{}, {}], [null], [undefined], [[]], ['{}'], [1], [Buffer.from('{}')], [new Date()]];
    expect(bad.map((args) => fieldOf('room:leave', ...args))).toEqual(bad.map(() => ''));
  });

  it('copies known fields only, so that __proto__ does nothing', () => {
    const text =
      '{"sentAt":1,"extra":2,"__proto__":{"sentAt":3,"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    const payload = payloadOf('clock:sync', JSON.parse(text)) as object;
    expect(Object.entries(payload)).toEqual([['sentAt', 1]]);
    expect(Object.getPrototypeOf(payload)).toBe(Object.getPrototypeOf({}));
    expect('polluted' in {}).toBe(false);
  });
});

describe('question:start', () => {
  it('gets its defaults by being parsed', () => {
    const timing = { leadInMs: 0, graceMs: 0, tickMs: 1_000 };
    expect(payloadOf('question:start', START)).toEqual({ ...START, ...timing, mayChangeAnswer: false });
  });

  it('opens at startAt or after leadInMs, never both', () => {
    expect(fieldOf('question:start', { ...START, startAt: 1_700_000_000_000, leadInMs: 0 })).toBe('startAt');
    expect(payloadOf('question:start', { ...START, startAt: 1_700_000_000_000 })).not.toHaveProperty(
      'leadInMs',
    );
  });

  it.each([
    ['durationMs', [100, 86_400_000], [99, 86_400_001, 100.5, '100', null, Number.NaN, JSON.parse('1e309')]],
    ['leadInMs', [0, 60_000], [-1, 60_001]],
    ['graceMs', [0, 10_000], [-1, 10_001]],
    ['tickMs', [0, 100, 60_000], [1, 99, 60_001, -100, 100.5, '0']],
    ['startAt', [0, Number.MAX_SAFE_INTEGER], [-1, 2 ** 53, 0.5]],
    ['questionId', ['a', 'A-z_0.9', 'x'.repeat(64)], ['', 'x'.repeat(65), 'a b', 'é', 'a\n', 7]],
    ['commandId', ['c1'], ['', null]],
    ['content', [null, 0, 'x'.repeat(8_190)], ['x'.repeat(8_191), { a: Number.NaN }, Buffer.from('x')]],
    ['correct', [null, 'x'.repeat(4_094)], ['x'.repeat(4_095)]],
  ])('holds %s to its range', (field, good, bad) => {
    expect(good.map((value) => fieldOf('question:start', { ...START, [field]: value }))).toEqual(
      good.map(() => undefined),
    );
    expect(bad.map((value) => fieldOf('question:start', { ...START, [field]: value }))).toEqual(
      bad.map(() => field),
    );
  });

  it('names the first offending field in the order of the contract', () => {
    expect(fieldOf('question:start', { tickMs: 1, durationMs: 1, questionId: '' })).toBe('questionId');
    expect(fieldOf('question:start', {})).toBe('questionId');
  });

  it('turns -0 into 0', () => {
    const { leadInMs, tickMs } = payloadOf('question:start', {
      ...START,
      leadInMs: -0,
      tickMs: -0,
    }) as Record<string, unknown>;
    expect([Object.is(leadInMs, 0), Object.is(tickMs, 0)]).toEqual([true, true]);
  });

  it('takes content of depth 64 and refuses deeper, however deep', () => {
    const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
    expect(fieldOf('question:start', { ...START, content: nested(64) })).toBeUndefined();
    expect(fieldOf('question:start', { ...START, content: nested(65) })).toBe('content');
    expect(fieldOf('question:start', { ...START, correct: nested(5_000) })).toBe('correct');
  });

  it('comes out with branded times, narrowed by the name of the event', () => {
    const parsed = parseClientEvent('question:start', [{ ...START, startAt: 5 }]);
    if (!parsed.ok || parsed.event !== 'question:start') throw new Error('refused');
    const duration: DurationMs = parsed.payload.durationMs;
    // @ts-expect-error a duration is no instant
    const instant: EpochMs = parsed.payload.durationMs;
    expect(duration).toBe(instant);
    if (parsed.payload.startAt === undefined)
      throw new Error(`a lead-in of ${parsed.payload.leadInMs satisfies DurationMs}`);
    expect(parsed.payload.startAt satisfies EpochMs).toBe(5);
  });
});

describe('other payloads', () => {
  it('of member:kick name a member, and ban only if they say so', () => {
    expect(payloadOf('member:kick', { playerId: 'p_1' })).toEqual({ playerId: 'p_1', ban: false });
    expect(payloadOf('member:kick', { playerId: 'p_1', ban: true })).toHaveProperty('ban', true);
    expect(fieldOf('member:kick', {})).toBe('playerId');
    expect(fieldOf('member:kick', { playerId: 'p_1', ban: 'yes' })).toBe('ban');
  });

  it('of question:extend move the deadline either way, but not by 0', () => {
    const bad = [0, -0, 0.5, 86_400_001, -86_400_001, undefined];
    expect(bad.map((byMs) => fieldOf('question:extend', { byMs }))).toEqual(bad.map(() => 'byMs'));
    expect([1, -1, 86_400_000, -86_400_000].map((byMs) => fieldOf('question:extend', { byMs }))).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('of room:join need a PIN of six digits or a token', () => {
    const bad = [
      {},
      { name: 'Ada' },
      { pin: '12345' },
      { pin: '1234567' },
      { pin: 123_456 },
      { pin: '12345٣' },
      { pin: '123456\n' },
    ];
    expect(bad.map((join) => fieldOf('room:join', join))).toEqual(bad.map(() => 'pin'));
    expect(payloadOf('room:join', { token: 't' })).toEqual({ token: 't', ticks: true });
    expect(payloadOf('room:join', { pin: '000000', ticks: false })).toEqual({ pin: '000000', ticks: false });
  });

  it('of room:join have names of 1-32 characters after cleaning', () => {
    const join = (name: unknown) => ({ pin: '012345', name });
    expect(payloadOf('room:join', join('  Ada Lovelace '))).toHaveProperty('name', 'Ada Lovelace');
    expect(payloadOf('room:join', join('😀'.repeat(32)))).toHaveProperty('name', '😀'.repeat(32));
    const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}';
    expect(payloadOf('room:join', join(family))).toHaveProperty('name', family);
    const cleaned = ['a\u0000b', 'a\u200bb', '\u202eab', 'ab\ud800', '\udc00ab', ` ab${'\u0000'.repeat(40)}`];
    expect(cleaned.map((name) => payloadOf('room:join', join(name)))).toEqual(
      cleaned.map(() => ({ ...join('ab'), ticks: true })),
    );
    expect(payloadOf('room:join', join('a\nb'))).toHaveProperty('name', 'a b');
    const bad = ['', '   ', '\u0000\u200d', 'x'.repeat(33), '😀'.repeat(33), 5, null];
    expect(bad.map((name) => fieldOf('room:join', join(name)))).toEqual(bad.map(() => 'name'));
  });

  it('of answer:submit carry any JSON as their choice, but carry one', () => {
    expect(
      [null, 0, false, '', 'b', ['a', 'b']].map((choice) =>
        fieldOf('answer:submit', { questionId: 'q1', choice }),
      ),
    ).toEqual(Array(6).fill(undefined));
    expect(fieldOf('answer:submit', { questionId: 'q1' })).toBe('choice');
    expect(fieldOf('answer:submit', { questionId: 'q1', choice: 'x'.repeat(4_095) })).toBe('choice');
  });
});

describe('parseBody', () => {
  it('refuses as parseClientEvent does, with the dotted path of a nested field', () => {
    const body = { settings: { idleMs: 5_000, maxPlayers: 0 } };
    expect(parseBody(createRoomBodySchema, body)).toMatchObject({
      ok: false,
      error: { code: 'invalid_payload', field: 'settings.maxPlayers' },
    });
    expect(parseBody(createRoomBodySchema, [])).toMatchObject({ ok: false, error: { field: '' } });
  });

  it('takes a missing body for an empty one', () => {
    expect(parseBody(questionCommandBodySchema, undefined)).toEqual({ ok: true, body: {} });
    expect(parseBody(startQuestionBodySchema, undefined)).toMatchObject({ error: { field: 'questionId' } });
  });

  it('keeps the known settings of a room and ignores the others', () => {
    const settings = {
      idleMs: 1_000,
      maxPlayers: 100_000,
      secondConnection: 'refuse',
      webhook: 'https://quiz.example/hook?a=1',
    };
    expect(parseBody(createRoomBodySchema, { settings: { ...settings, color: 'red' } })).toEqual({
      ok: true,
      body: { settings },
    });
  });

  it.each(['ftp://a', 'javascript:alert(1)', 'quiz.example', '', 5])('takes no webhook %p', (webhook) => {
    expect(parseBody(createRoomBodySchema, { settings: { webhook } })).toMatchObject({
      error: { field: 'settings.webhook' },
    });
  });

  it('makes tokens for every role, living a second to thirty days', () => {
    expect(parseBody(createTokenBodySchema, { role: 'spectator', ttlMs: 2_592_000_000 })).toMatchObject({
      ok: true,
    });
    expect(parseBody(createTokenBodySchema, { role: 'admin' })).toMatchObject({ error: { field: 'role' } });
    expect(parseBody(createTokenBodySchema, { role: 'host', ttlMs: 999 })).toMatchObject({
      error: { field: 'ttlMs' },
    });
  });
});
