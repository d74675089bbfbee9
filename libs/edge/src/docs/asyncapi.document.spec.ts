import { Parser } from '@asyncapi/parser';
import { describe, expect, it } from '@jest/globals';
import {
  type ClientEventName,
  clientEventDefs,
  type ServerEventName,
  serverEventSchemas,
} from '#libs/protocol';
import { asyncApiDocument } from './asyncapi.document.js';
import { CLIENT_EVENT_DOCS, codesOf, SERVER_EVENT_DOCS } from './socket.events.js';

async function errorsIn(document: object): Promise<string[]> {
  const { diagnostics } = await new Parser().parse(JSON.stringify(document));
  // Severity 0 is an error, 1 a warning; information is about the newest version of AsyncAPI and the like.
  return diagnostics
    .filter(({ severity }) => severity <= 1)
    .map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the AsyncAPI document', () => {
  it('is valid', async () => {
    const document = asyncApiDocument();
    expect(await errorsIn(document)).toEqual([]);
    // That the parser says no to something: an operation without a channel.
    expect(await errorsIn({ ...document, operations: { 'room.join': { action: 'receive' } } })).not.toEqual(
      [],
    );
  });

  it('has an operation for each event, and says who may send it', () => {
    const { operations } = asyncApiDocument() as { operations: Record<string, { action: string }> };
    const events = [...Object.keys(clientEventDefs), ...Object.keys(serverEventSchemas)];
    expect(Object.keys(operations).sort()).toEqual(events.map((event) => event.replace(':', '.')).sort());
    expect(operations['answer.submit']).toMatchObject({ action: 'receive', 'x-roles': ['player'] });
    expect(operations['question.closed']).toMatchObject({ action: 'send' });
  });

  it('has good examples only', () => {
    for (const event of Object.keys(clientEventDefs) as ClientEventName[]) {
      const { payload, ack } = clientEventDefs[event];
      const docs = CLIENT_EVENT_DOCS[event];
      expect([event, payload.safeParse(docs.example).error]).toEqual([event, undefined]);
      expect([event, ack.parse(docs.ack)]).toEqual([event, docs.ack]);
    }
    for (const event of Object.keys(serverEventSchemas) as ServerEventName[]) {
      const { example } = SERVER_EVENT_DOCS[event];
      expect([event, serverEventSchemas[event].parse(example)]).toEqual([event, example]);
    }
  });

  it('says that a socket which must join first may be refused as unauthorized, and for its role as forbidden', () => {
    expect(codesOf('clock:sync')).toEqual(['invalid_payload', 'rate_limited', 'too_large', 'internal']);
    expect(codesOf('room:leave')).toContain('unauthorized');
    expect(codesOf('room:leave')).not.toContain('forbidden');
    expect(codesOf('question:start')).toEqual(expect.arrayContaining(['unauthorized', 'forbidden']));
  });
});
