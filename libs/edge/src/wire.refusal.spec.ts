import { describe, expect, it } from '@jest/globals';
import { refusalAck, refusalOf, refusedAck } from './wire.refusal.js';

describe('a refusal on the wire', () => {
  it('is retryable as the protocol says, and names the field', () => {
    expect(refusalOf({ kind: 'refused', code: 'unavailable', message: 'm' })).toEqual({
      code: 'unavailable',
      message: 'm',
      retryable: true,
    });
    expect(refusalAck({ kind: 'refused', code: 'invalid_payload', message: 'm', field: 'startAt' })).toEqual({
      ok: false,
      error: { code: 'invalid_payload', message: 'm', retryable: false, field: 'startAt' },
    });
    expect(refusedAck('forbidden', 'm')).toEqual({
      ok: false,
      error: { code: 'forbidden', message: 'm', retryable: false },
    });
  });
});
