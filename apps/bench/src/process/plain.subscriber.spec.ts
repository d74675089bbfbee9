import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { messagesOf } from './plain.subscriber.js';

const bulk = (text: string) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const message = (text: string) => `*3\r\n${bulk('smessage')}${bulk('ch\r\n*3')}${bulk(text)}`;
const SUBSCRIBED = `*3\r\n${bulk('ssubscribe')}${bulk('ch')}:1\r\n`;
const PONG = `*2\r\n${bulk('pong')}${bulk('hi')}`;

describe('messagesOf', () => {
  it('gives each message, and when the last of it came, wherever the stream is cut', () => {
    const texts = ['a', '', 'ü 😀\r\n$5', 'x'.repeat(300)];
    const stream = Buffer.from(`+OK\r\n${SUBSCRIBED}${PONG}${texts.map(message).join(SUBSCRIBED)}`);
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (unsorted) => {
        const ends = [...unsorted.toSorted((a, b) => a - b), stream.length];
        const chunks = ends.map((end, i) => ({ bytes: stream.subarray(ends[i - 1] ?? 0, end), at: i }));
        const messages = messagesOf(chunks);
        expect(messages.map((heard) => heard.message.toString())).toEqual(texts);
        // The piece in which it ends, its end of line included.
        const endOf = (i: number) =>
          stream.length -
          Buffer.byteLength(
            texts
              .slice(i + 1)
              .map(message)
              .join(SUBSCRIBED),
          ) -
          (i < texts.length - 1 ? SUBSCRIBED.length : 0);
        expect(messages.map(({ at }) => at)).toEqual(
          texts.map((_, i) => ends.findIndex((end) => end >= endOf(i))),
        );
      }),
    );
  });

  it('leaves out one that has come in part', () => {
    const stream = Buffer.from(`${message('whole')}${message('half').slice(0, -4)}`);
    expect(messagesOf([{ bytes: stream, at: 7 }])).toEqual([{ message: Buffer.from('whole'), at: 7 }]);
    expect(messagesOf([])).toEqual([]);
  });
});
