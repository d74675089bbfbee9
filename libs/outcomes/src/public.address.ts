import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { internalHostOf, isPublicAddress } from '#libs/ops';

/** The address is not one that webhooks may go to; it will be refused the next time as well. */
export class BlockedAddressError extends Error {
  override readonly name = 'BlockedAddressError';
}

/** Throws for a URL whose host is an address, and not a public one. Names are looked at when they are resolved. */
export function checkHost(url: URL): void {
  const host = internalHostOf(url);
  if (host !== undefined) throw new BlockedAddressError(`${host} is an internal address`);
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
