import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { WebhookSigner } from './webhook.signature.js';

const secret = () => `whsec_${randomBytes(32).toString('base64')}`;

describe('the headers of a message', () => {
  const [old, fresh, strange] = [secret(), secret(), secret()];
  const headers = new WebhookSigner([fresh, old]).headers('outcome-r-1', new Date(), '{"a":"ü"}');

  it.each([
    ['the new', fresh],
    ['the old', old],
  ])('are verified by %s secret while they are rotated', (_which, known) => {
    expect(new Webhook(known).verify('{"a":"ü"}', headers)).toEqual({ a: 'ü' });
  });

  it('are not verified by another secret, for another body, or under another id', () => {
    expect(() => new Webhook(strange).verify('{"a":"ü"}', headers)).toThrow();
    expect(() => new Webhook(fresh).verify('{"a":"u"}', headers)).toThrow();
    expect(() =>
      new Webhook(fresh).verify('{"a":"ü"}', { ...headers, 'webhook-id': 'outcome-r-2' }),
    ).toThrow();
  });
});
