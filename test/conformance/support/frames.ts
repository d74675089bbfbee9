import type { LooseJson } from '#libs/testing';

/** What a text frame of Engine.IO 4 and Socket.IO 5 in the namespace `/quiz` says. */
export type Frame =
  | { readonly kind: 'open' | 'ping' | 'pong' | 'other' }
  | { readonly kind: 'connect'; readonly payload: LooseJson }
  | {
      readonly kind: 'event';
      readonly event: string;
      readonly ack: number | null;
      readonly payload: LooseJson;
    }
  | { readonly kind: 'ack'; readonly ack: number; readonly payload: LooseJson };

const PACKET = /^4([0-6])\/quiz,(\d*)(.*)$/s;

export function parseFrame(text: string): Frame {
  if (text === '2') return { kind: 'ping' };
  if (text === '3') return { kind: 'pong' };
  if (text.startsWith('0')) return { kind: 'open' };
  const [, type, id = '', json = ''] = PACKET.exec(text) ?? [];
  const data: LooseJson = json === '' ? undefined : JSON.parse(json);
  const ack = id === '' ? null : Number(id);
  if (type === '0') return { kind: 'connect', payload: data };
  if (type === '2') return { kind: 'event', event: data[0], ack, payload: data[1] };
  if (type === '3' && ack !== null) return { kind: 'ack', ack, payload: data[0] };
  return { kind: 'other' };
}

export const eventFrame = (event: string, payload: unknown, ack: number): string =>
  `42/quiz,${ack}${JSON.stringify([event, payload])}`;

/** The same acknowledgement for another request. */
export const withAck = (frame: string, ack: number): string =>
  frame.replace(/^43\/quiz,\d+/, `43/quiz,${ack}`);
