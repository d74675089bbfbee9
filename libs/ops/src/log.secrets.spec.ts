import { describe, expect, it } from '@jest/globals';
import { passwordsIn, secretRemover, secretsIn } from './log.secrets.js';

describe('finished lines of the log', () => {
  const safe = secretRemover(['s3cret/with"signs', 's3cret/with"signs-and-more', 'ab']);

  it('lose secrets however they are written, and whatever holds them', () => {
    const written = (text: string) => safe(JSON.stringify({ msg: text, err: { command: { args: [text] } } }));
    expect(written('AUTH s3cret/with"signs')).not.toContain('s3cret');
    expect(written(`redis://:${encodeURIComponent('s3cret/with"signs')}@host`)).not.toContain('s3cret');
    expect(JSON.parse(written('s3cret/with"signs-and-more!'))).toMatchObject({ msg: '[secret]!' });
  });

  it('lose tokens, which nobody knows before', () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiaG9zdCJ9.c2lnbmF0dXJlLW9mLWl0';
    expect(safe(`{"url":"/v1?token=${token}"}`)).toBe('{"url":"/v1?token=[secret]"}');
  });

  it('keep everything else, words of two letters too', () => {
    const line = '{"msg":"about eyJ","roomId":"001abcdefgh"}\n';
    expect(safe(line)).toBe(line);
  });
});

describe('the secrets of an environment', () => {
  it('are its keys, and the passwords in its addresses as they are and decoded', () => {
    const env = {
      REDIS_URL: 'redis://user:p%40ss-of-redis@host:6379',
      QUIZBELL_SECRET: 'first-secret-1234, second-secret-123',
      QUIZBELL_API_KEYS: 'key-of-an-app',
      QUIZBELL_TUTORIAL_SECRET: 'secret-of-users',
      QUIZBELL_WEBHOOK_SECRET: 'whsec_c2VjcmV0',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc=',
      LOG_LEVEL: 'debug',
    };
    expect(secretsIn(env)).toEqual([
      'first-secret-1234',
      'second-secret-123',
      'key-of-an-app',
      'secret-of-users',
      'whsec_c2VjcmV0',
      'c2VjcmV0',
      'Bearer%20abc=',
      'p%40ss-of-redis',
      'p@ss-of-redis',
    ]);
  });

  it('are none where an address has no password', () => {
    expect(passwordsIn([undefined, 'redis://host:6379', 'redis+sentinel://a:1,b:2/main'])).toEqual([]);
    expect(passwordsIn(['redis+cluster://:100%@a:1,b:2'])).toEqual(['100%', '100%']);
  });
});
