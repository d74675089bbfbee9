import { describe, expect, it } from '@jest/globals';
import { BlockedAddressError, checkHost, lookupPublic } from './public.address.js';

describe('the host of a URL', () => {
  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'https://[::127.0.0.1]/',
    'https://[::7f00:1]/',
    'http://[0:0:0:0:0:ffff:7f00:1]:8080/',
    'http://169.254.169.254/latest/meta-data',
  ])('%s is refused, however the address is written', (url) => {
    expect(() => checkHost(new URL(url))).toThrow(BlockedAddressError);
  });

  it.each(['https://8.8.8.8/', 'https://[2606:4700::1111]/', 'https://localhost/', 'https://example.com/'])(
    '%s is not: a public address, or a name that is looked at when it is resolved',
    (url) => {
      expect(() => checkHost(new URL(url))).not.toThrow();
    },
  );
});

describe('resolving a name', () => {
  const resolve = (name: string, all: boolean) =>
    new Promise((done) => {
      lookupPublic(name, { all }, (error, found) => done(error ?? found));
    });

  it.each([true, false])('to an internal address is refused (all: %p)', async (all) => {
    expect(await resolve('localhost', all)).toBeInstanceOf(BlockedAddressError);
  });

  it('gives public addresses in the form that was asked for', async () => {
    expect(await resolve('8.8.8.8', true)).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await resolve('8.8.8.8', false)).toBe('8.8.8.8');
  });
});
