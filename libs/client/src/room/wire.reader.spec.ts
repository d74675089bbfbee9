import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SERVER_EVENTS } from '#libs/protocol/wire';
import { countdownAt } from '../countdown.js';
import { closedSnapshot, openSnapshot, refusal, snapshotOf } from './fake.gateway.spec-helper.js';
import {
  isClosed,
  readError,
  readJoined,
  readJudgement,
  readMembers,
  readReply,
  readServerEvent,
  readSnapshot,
} from './wire.reader.js';

const LAWS = { numRuns: 1_000 };
const names = fc.constantFrom(...Object.values(SERVER_EVENTS), 'constructor', 'question:celebrated');
/** A good snapshot of which some fields are something else, or missing. */
const bentSnapshot = fc
  .tuple(
    fc.constantFrom(openSnapshot(5), closedSnapshot(5), snapshotOf()),
    fc.dictionary(fc.constantFrom(...Object.keys(closedSnapshot(5))), fc.jsonValue(), { maxKeys: 3 }),
  )
  .map(([snapshot, bent]) => ({ ...snapshot, ...bent }));
const payloads = fc.oneof(
  fc.jsonValue(),
  fc.constant(undefined),
  bentSnapshot,
  fc.record({ snapshot: bentSnapshot }),
);

describe('what comes over the wire', () => {
  it('is never an exception, whatever it is, and what is taken for a snapshot can be shown', () => {
    fc.assert(
      fc.property(names, payloads, (event, payload) => {
        const heard = readServerEvent(event, payload);
        if (heard?.event.startsWith('question:')) expect(readSnapshot(payload)).not.toBeNull();
        const snapshot = readSnapshot(payload);
        if (snapshot !== null) {
          const { remainingMs } = countdownAt(snapshot, snapshot.serverNow + 5);
          expect(remainingMs === null || remainingMs >= 0 || snapshot.phase !== 'open').toBe(true);
        }
        const reply = readReply(payload);
        expect(reply.ok || reply.error.code.length > 0).toBe(true);
        const fields = reply.ok ? reply.fields : {};
        readJoined(fields);
        readJudgement(fields);
        readMembers(fields);
      }),
      LAWS,
    );
  });

  it('is a refusal with the code as it came; whether to ask again is looked up where it does not say', () => {
    const later = readReply(refusal('rate_limited', { retryable: true, retryAfterMs: -5, field: 3 }));
    expect(later).toMatchObject({
      ok: false,
      error: { code: 'rate_limited', retryable: true, retryAfterMs: 0 },
    });
    expect(readError({ code: 'unavailable' })).toMatchObject({ retryable: true, message: 'unavailable' });
    expect(readError({ code: 'brand_new' })).toMatchObject({ code: 'brand_new', retryable: false });
    expect(readError('unavailable')).toBeNull();
    expect(readReply(undefined)).toMatchObject({ ok: false, error: { code: 'internal' } });
  });

  it('is a closing only if it says why and when', () => {
    const { reason: _, ...noReason } = closedSnapshot(5);
    expect([
      isClosed(closedSnapshot(5)),
      isClosed(noReason),
      isClosed(openSnapshot(5)),
      isClosed(null),
    ]).toEqual([true, false, false, false]);
    expect(readServerEvent('question:closed', noReason)).toBeNull();
  });
});
