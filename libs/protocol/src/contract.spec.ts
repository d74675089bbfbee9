import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import * as protocol from './index.js';
import * as wire from './wire/index.js';

const sorted = (names: Iterable<string>): string[] => [...names].sort();

const snapshot = {
  roomId: '3abc',
  questionId: 'q1',
  runId: 1_700_000_000_000,
  version: 1_700_000_000_001,
  phase: 'open',
  opensAt: 1_700_000_000_000,
  endsAt: 1_700_000_020_000,
  remainingMs: 19_000,
  durationMs: 20_000,
  graceMs: 0,
  tickMs: 1_000,
  content: { text: '2 + 2?' },
  serverNow: 1_700_000_001_000,
};

describe('the tables of the contract', () => {
  it('define every named event', () => {
    expect(sorted(Object.keys(protocol.clientEventDefs))).toEqual(sorted(Object.values(wire.CLIENT_EVENTS)));
    expect(sorted(Object.keys(protocol.serverEventSchemas))).toEqual(
      sorted(Object.values(wire.SERVER_EVENTS)),
    );
  });

  it('name client events noun:verb and server events noun:past without a name on both sides', () => {
    const server = new Set<string>(Object.values(wire.SERVER_EVENTS));
    expect(Object.values(wire.CLIENT_EVENTS).filter((name) => server.has(name))).toEqual([]);
  });

  it('let only hosts command, only players answer, and anyone join', () => {
    const { clientEventDefs: defs } = protocol;
    expect(defs['question:start'].roles).toEqual(['host', 'co-host']);
    expect(defs['answer:submit'].roles).toEqual(['player']);
    expect(defs['room:join'].roles).toBe('anyone');
  });

  it('give exactly rate_limited, conflict and unavailable as retryable', () => {
    expect(wire.ERROR_CODES.filter(wire.isRetryable)).toEqual(['rate_limited', 'conflict', 'unavailable']);
    expect(['constructor', '__proto__', 'code_of_a_newer_server'].some(wire.isRetryable)).toBe(false);
  });

  it('can be written as JSON Schema, which the documents are made of', () => {
    const inputs = Object.values(protocol.clientEventDefs).map((def) => def.payload);
    const outputs = [
      ...Object.values(protocol.clientEventDefs).map((def) => def.ack),
      ...Object.values(protocol.serverEventSchemas),
      protocol.problemSchema,
      protocol.roomInfoSchema,
    ];
    for (const schema of inputs)
      expect(z.toJSONSchema(schema, { io: 'input' })).toHaveProperty('type', 'object');
    for (const schema of outputs) expect(() => z.toJSONSchema(schema)).not.toThrow();
    expect(z.toJSONSchema(protocol.questionStartPayloadSchema, { io: 'input' })).toMatchObject({
      required: ['questionId', 'durationMs'],
      properties: { leadInMs: { type: 'integer', maximum: 60_000, default: 0 } },
    });
  });
});

describe('what a server sends', () => {
  it('leaves the content out of ticks', () => {
    expect(protocol.questionTickSchema.parse(snapshot)).not.toHaveProperty('content');
    expect(protocol.snapshotSchema.parse(snapshot)).toEqual(snapshot);
  });

  it('always says why and when a question closed', () => {
    expect(protocol.questionClosedSchema.safeParse({ ...snapshot, phase: 'closed' }).success).toBe(false);
    const closed = { ...snapshot, phase: 'closed', reason: 'expired', closedAt: 1_700_000_020_000 };
    expect(protocol.questionClosedSchema.parse(closed)).toEqual(closed);
  });

  it('is an ack with its body or with an error, told apart by ok', () => {
    const error = wire.wireError('wrong_phase', 'no question is open');
    expect(protocol.questionAckSchema.parse({ ok: true, snapshot, repeated: true })).toHaveProperty(
      'repeated',
      true,
    );
    expect(protocol.questionAckSchema.parse({ ok: false, error })).toEqual({ ok: false, error });
    expect(protocol.questionAckSchema.safeParse({ ok: true }).success).toBe(false);
  });

  it('is problem+json over REST, with the status of the table', () => {
    const retryAfterMs = 500 as protocol.DurationMs;
    const problem = protocol.problemOf(wire.wireError('rate_limited', 'slow down', { retryAfterMs }));
    expect(problem).toMatchObject({ status: 429, code: 'rate_limited', retryable: true, retryAfterMs: 500 });
    expect(protocol.problemSchema.parse(problem)).toEqual(problem);
  });
});
