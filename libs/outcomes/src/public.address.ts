import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The address is not one that webhooks may go to; it will be refused the next time as well. */
export class BlockedAddressError extends Error {
  override readonly name = 'BlockedAddressError';
}

/** Public by its number, and answers virtual machines of its cloud only, with what they must not tell. */
const METADATA_ADDRESSES = ['168.63.129.16'];

/**
 * Whether an IP address is one of the public internet: neither private, loopback, link-local, unique-local, shared,
 * multicast, reserved nor a way to say one of those, such as IPv4 mapped into IPv6.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && !METADATA_ADDRESSES.includes(parsed.toString());
}

/** Throws for a URL whose host is an address, and not a public one. Names are looked at when they are resolved. */
export function checkHost({ hostname }: URL): void {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (ipaddr.isValid(host) && !isPublicAddress(host)) {
    throw new BlockedAddressError(`${host} is an internal address`);
  }
}

/**
 * Resolves a name as `dns.lookup`, to public addresses only. The connection is made to what this gives, so that a name
 * cannot mean another address when it is checked than when it is used.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, []);
    const addresses = found.filter(({ address }) => isPublicAddress(address));
    const [first] = addresses;
    if (first === undefined) {
      callback(new BlockedAddressError(`${hostname} is at an internal address`), []);
    } else if (options.all) {
      callback(null, addresses);
    } else {
      callback(null, first.address, first.family);
    }
  });
};
