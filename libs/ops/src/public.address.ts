import ipaddr from 'ipaddr.js';

/** Public by its number, and answers virtual machines of its cloud only, with what they must not tell. */
const METADATA_ADDRESSES = ['168.63.129.16'];

/** IPv4 inside IPv6 as it was once written: `::127.0.0.1`, which a URL turns into `::7f00:1`. */
const IPV4_COMPATIBLE = ipaddr.IPv6.parse('::');
const IPV4_COMPATIBLE_BITS = 96;

/**
 * Whether an IP address is one of the public internet: neither private, loopback, link-local, unique-local, shared,
 * multicast, reserved nor a way to say one of those, such as IPv4 mapped into IPv6.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6 && parsed.match(IPV4_COMPATIBLE, IPV4_COMPATIBLE_BITS)) return false;
  return parsed.range() === 'unicast' && !METADATA_ADDRESSES.includes(parsed.toString());
}

/**
 * The host of a URL if it is an address, and not a public one; else undefined. Says nothing of names, which are looked at
 * when they are resolved.
 */
export function internalHostOf({ hostname }: URL): string | undefined {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return ipaddr.isValid(host) && !isPublicAddress(host) ? host : undefined;
}

/**
 * Why a webhook may not go to a URL where internal addresses and plain http are not allowed; undefined when nothing
 * speaks against it before its name is resolved. Names no part of the URL.
 */
export function webhookProblemOf(url: URL): string | undefined {
  if (url.protocol !== 'https:') return 'is not encrypted: https:// is needed';
  return internalHostOf(url) === undefined ? undefined : 'is an internal address';
}
