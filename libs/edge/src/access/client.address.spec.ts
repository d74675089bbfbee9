import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ClientAddresses, countedAddress } from './client.address.js';

const request = (remoteAddress: string | undefined, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

const PROXY = '10.0.0.7';

describe('the address of a client', () => {
  it('is that of the connection, whatever a header says, where no proxy is trusted', () => {
    const addresses = new ClientAddresses(false);
    expect(addresses.of(request('192.0.2.1', '198.51.100.9'))).toBe('192.0.2.1');
  });

  it('is what a trusted proxy has added, not what its client claimed before', () => {
    for (const trust of [1, ['10.0.0.0/8'], ['uniquelocal']]) {
      const addresses = new ClientAddresses(trust);
      expect(addresses.of(request(PROXY, '203.0.113.66, 198.51.100.9'))).toBe('198.51.100.9');
    }
    expect(new ClientAddresses(['10.0.0.0/8']).of(request('192.0.2.1', '198.51.100.9'))).toBe('192.0.2.1');
    expect(new ClientAddresses(2).of(request(PROXY, '203.0.113.66, 198.51.100.9'))).toBe('203.0.113.66');
    expect(new ClientAddresses(true).of(request(PROXY, '203.0.113.66, 198.51.100.9'))).toBe('203.0.113.66');
  });

  it('is that of the connection when the proxy says something else than an address', () => {
    const addresses = new ClientAddresses(1);
    for (const strange of ['unknown', '_hidden', 'x'.repeat(5_000), '999.1.1.1', ':limit:']) {
      expect(addresses.of(request(PROXY, strange))).toBe(PROXY);
    }
    expect(addresses.of(request(undefined))).toBe('unknown');
  });

  it('stays what it was when the connection has gone', () => {
    const gone = { socket: { remoteAddress: '192.0.2.1' as string | undefined }, headers: {} };
    const addresses = new ClientAddresses(false);
    expect(addresses.of(gone as unknown as IncomingMessage)).toBe('192.0.2.1');
    gone.socket.remoteAddress = undefined;
    expect(addresses.of(gone as unknown as IncomingMessage)).toBe('192.0.2.1');
  });
});

describe('an address as it is counted', () => {
  it('is IPv4 also where it came as IPv6, and without a port', () => {
    const written = [
      '192.0.2.1',
      '::ffff:192.0.2.1',
      '::FFFF:c000:201',
      '192.0.2.1:443',
      '[::ffff:192.0.2.1]:443',
    ];
    expect(written.map(countedAddress)).toEqual(written.map(() => '192.0.2.1'));
  });

  it('is the network of 64 bits of an IPv6 address, however it is written', () => {
    const written = [
      '2001:db8:1:2::1',
      '2001:0DB8:0001:0002:ffff:ffff:ffff:ffff',
      '[2001:db8:1:2::9]:443',
      '2001:db8:1:2::192.0.2.1',
    ];
    expect(written.map(countedAddress)).toEqual(written.map(() => '2001:db8:1:2::/64'));
    expect(countedAddress('2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(countedAddress('::1')).toBe('0:0:0:0::/64');
    expect(countedAddress('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
    expect(countedAddress('2001:db8:1:3::1')).not.toBe(countedAddress('2001:db8:1:2::1'));
  });

  it('is the same for every address of a network', () => {
    const half = fc.array(fc.nat(0xffff), { minLength: 4, maxLength: 4 });
    fc.assert(
      // 0:0:0:0 holds the addresses of IPv4.
      fc.property(
        half.filter(([first]) => first !== 0),
        half,
        half,
        (network, one, other) => {
          const write = (host: number[]) =>
            [...network, ...host].map((group) => group.toString(16)).join(':');
          expect(countedAddress(write(one))).toBe(countedAddress(write(other)));
          expect(countedAddress(write(one))).toBe(
            `${network.map((group) => group.toString(16)).join(':')}::/64`,
          );
        },
      ),
    );
  });
});
