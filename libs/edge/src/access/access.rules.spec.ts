import { describe, expect, it } from '@jest/globals';
import { ApiKeys } from './api.keys.js';
import { isOriginAllowed } from './origin.policy.js';

describe('API keys', () => {
  it('have a name of their own that is no part of the key, the same at every gateway', () => {
    const keys = new ApiKeys(['key-one', 'key-two']);
    const actor = keys.actorOf('key-one');
    expect(actor).toMatch(/^api:[0-9a-f]{12}$/);
    expect(new ApiKeys(['key-two', 'key-one']).actorOf('key-one')).toBe(actor);
    expect(keys.actorOf('key-two')).not.toBe(actor);
  });

  it('are known only as a whole', () => {
    const keys = new ApiKeys(['key-one']);
    expect(['', 'key', 'key-one ', 'KEY-ONE'].map((key) => keys.actorOf(key))).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(new ApiKeys([]).actorOf('')).toBeNull();
  });
});

describe('origins', () => {
  const allowed = ['https://quiz.example.com'];

  it('are let in when listed, when it is the page of this host, or no browser at all', () => {
    expect(isOriginAllowed(allowed, 'https://quiz.example.com', 'api.example.com')).toBe(true);
    expect(isOriginAllowed(allowed, 'http://localhost:3000', 'localhost:3000')).toBe(true);
    expect(isOriginAllowed(allowed, undefined, 'api.example.com')).toBe(true);
    expect(isOriginAllowed(undefined, 'https://anywhere.example', 'api.example.com')).toBe(true);
  });

  it('are kept out otherwise', () => {
    expect(isOriginAllowed(allowed, 'https://evil.example', 'api.example.com')).toBe(false);
    expect(isOriginAllowed(allowed, 'null', 'api.example.com')).toBe(false);
    expect(isOriginAllowed([], 'https://quiz.example.com', 'api.example.com')).toBe(false);
  });
});
