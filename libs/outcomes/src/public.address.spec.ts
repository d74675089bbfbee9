import { describe, expect, it } from '@jest/globals';
import { BlockedAddressError, checkHost, isPublicAddress, lookupPublic } from './public.address.js';

describe('a public address', () => {
  it.each(['8.8.8.8', '93.184.216.34', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is one', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.8.8.8',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'localhost',
    '',
  ])('%p is none', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('the host of a URL', () => {
  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
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
