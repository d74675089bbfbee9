import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';
import type { Config } from '#libs/ops';

type Trust = (address: string, hops: number) => boolean;

/** Whoever has IPv6 has at least so many 16-bit groups of it for themselves: a /64 counts as one address. */
const COUNTED_GROUPS = 4;
const ALL_GROUPS = 8;
const UNKNOWN = 'unknown';
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * The address by which a client is counted, of REST requests and of socket handshakes by the same rule: that of the
 * connection, or what the trusted proxies say (`X-Forwarded-For`, as Express reads it).
 */
export class ClientAddresses {
  private readonly trust: Trust;
  private readonly known = new WeakMap<IncomingMessage, string>();

  constructor(trustProxy: Config['http']['trustProxy']) {
    this.trust = trustOf(trustProxy);
  }

  /** The same for the life of the request, also when its connection has gone. */
  of(request: IncomingMessage): string {
    const known = this.known.get(request);
    if (known !== undefined) return known;
    const { remoteAddress } = request.socket;
    // A connection that has gone already has none.
    const address =
      remoteAddress === undefined
        ? undefined
        : (countedAddress(proxyAddr(request, this.trust)) ?? countedAddress(remoteAddress));
    if (address === undefined) return UNKNOWN;
    this.known.set(request, address);
    return address;
  }
}

/** As Express compiles its setting `trust proxy`. */
function trustOf(trustProxy: Config['http']['trustProxy']): Trust {
  if (typeof trustProxy === 'boolean') return () => trustProxy;
  if (typeof trustProxy === 'number') return (_address, hops) => hops < trustProxy;
  return proxyAddr.compile([...trustProxy]);
}

/** An address in the form in which it is counted; undefined for what is none, such as the words of a strange proxy. */
export function countedAddress(text: string): string | undefined {
  const bare = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, '$1');
  const address = bare.replace(/%.*$/, '');
  const family = isIP(address);
  if (family === 4) return address;
  if (family !== 6) return undefined;
  // Compressed, in small letters, without an IPv4 tail.
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = MAPPED.exec(shortest);
  if (mapped !== null) return mapped.slice(1).flatMap(bytesOf).join('.');
  return `${groupsOf(shortest).slice(0, COUNTED_GROUPS).join(':')}::/64`;
}

/** The two bytes of a group. */
function bytesOf(group: string): number[] {
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 0xff];
}

function groupsOf(shortest: string): string[] {
  const [head = '', tail] = shortest.split('::').map((part) => (part === '' ? [] : part.split(':')));
  if (tail === undefined) return head as string[];
  const missing = ALL_GROUPS - head.length - tail.length;
  return [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
}
