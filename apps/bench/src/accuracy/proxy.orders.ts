import type { LinkProfile } from './delay.line.js';

/** What the proxy between clients and gateway can do. */
export type ProxyOrders = {
  start: {
    order: {
      readonly host: string;
      readonly port: number;
      readonly link: LinkProfile;
      readonly seed: number;
    };
    reply: { readonly port: number };
  };
  /** How long it has held what passed through it since the start, milliseconds, waiting behind others included. */
  held: {
    order: object;
    reply: { readonly pieces: number; readonly p50: number; readonly p99: number; readonly max: number };
  };
};
