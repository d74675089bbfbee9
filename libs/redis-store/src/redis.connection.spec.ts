import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl } from './redis.connection.js';

describe('an address of Redis', () => {
  it.each([
    ['redis://localhost', 'standalone', [['localhost', 6379]], ''],
    ['redis://10.0.0.1:7000/3', 'standalone', [['10.0.0.1', 7000]], '3'],
    ['rediss://cache.example.org:6380', 'standalone', [['cache.example.org', 6380]], ''],
    ['redis://[::1]:7000', 'standalone', [['::1', 7000]], ''],
    [
      'redis+sentinel://h1,h2:5000/mymaster',
      'sentinel',
      [
        ['h1', 26379],
        ['h2', 5000],
      ],
      'mymaster',
    ],
    [
      'redis+cluster://h1:7000,h2,[fe80::1]:7001',
      'cluster',
      [
        ['h1', 7000],
        ['h2', 6379],
        ['fe80::1', 7001],
      ],
      '',
    ],
    [
      'redis+cluster://[fe80::1],h2/',
      'cluster',
      [
        ['fe80::1', 6379],
        ['h2', 6379],
      ],
      '',
    ],
    ['redis://localhost/0?family=6', 'standalone', [['localhost', 6379]], '0'],
  ] as const)('%s', (url, kind, hosts, path) => {
    expect(parseRedisUrl(url)).toEqual({ kind, hosts: hosts.map(([host, port]) => ({ host, port })), path });
  });

  it.each([
    ['redis://user:secret@h', 'user', 'secret'],
    ['redis://:secret@h', undefined, 'secret'],
    ['redis://user@h', 'user', undefined],
    ['redis+sentinel://u%40b:p%3Aw%2F%25@h1,h2/m', 'u@b', 'p:w/%'],
    ['redis+cluster://:a:b:c@h1,h2', undefined, 'a:b:c'],
    ['redis+cluster://u:p@ss@h1', 'u', 'p@ss'],
    ['redis+cluster://u:%C3%BC@h1', 'u', 'ü'],
    ['redis://h', undefined, undefined],
  ])('with a login: %s', (url, username, password) => {
    const parsed = parseRedisUrl(url);
    expect([parsed.username, parsed.password]).toEqual([username, password]);
    expect(parsed.hosts[0]?.host).toMatch(/^h1?$/);
  });

  it.each([
    '',
    'localhost:6379',
    'http://secret@h',
    'redis+sentinel://:secret@h1,h2',
    'redis+sentinel://:secret@h1,h2/',
    'redis+cluster://:secret%@h1',
    'redis://',
  ])('that is none is refused without repeating it: %s', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(/^REDIS_URL /);
    expect(() => parseRedisUrl(url)).not.toThrow(/secret/);
  });
});
