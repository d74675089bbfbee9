/** Where a player's page of a room is: for a QR code, and as somebody would type it. */
export interface JoinAddress {
  readonly url: string;
  /** Without what nobody has to type. */
  readonly short: string;
  /** Reaches only the computer that shows it. */
  readonly isOnlyHere: boolean;
}

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** @param origin as in `location.origin` */
export function joinAddress(origin: string, pin: string): JoinAddress {
  const { host, hostname, protocol } = new URL(origin);
  return {
    url: new URL(`/play/${pin}`, origin).href,
    // A typed address without a scheme goes to https first, and then to http.
    short: `${protocol === 'https:' || protocol === 'http:' ? host : origin}/play`,
    isOnlyHere: LOOPBACK.test(hostname),
  };
}
