import { describe, expect, it } from '@jest/globals';
import { PushReader } from './redis.pushes.js';

const bulk = (text: string) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const list = (kind: '>' | '*', ...texts: string[]) => `${kind}${texts.length}\r\n${texts.map(bulk).join('')}`;

const STREAM = [
  `%2\r\n+server\r\n${bulk('redis')}+modules\r\n*0\r\n`,
  '>3\r\n$10\r\nssubscribe\r\n$1\r\na\r\n:1\r\n',
  list('>', 'smessage', 'a', 'of three lines:\r\n>3\r\n$8\r\nsmessage'),
  '$-1\r\n_\r\n#t\r\n,1.5\r\n',
  list('>', 'message', 'b', 'grüße'),
  // Somebody's answer, that only looks like it.
  list('*', 'message', 'd', 'no push'),
  list('>', 'pmessage', 'c*', 'c1', ''),
  '-ERR no\r\n',
].join('');
const CHANNELS = ['a', 'b', 'c1'];

describe('PushReader', () => {
  it('finds the messages of channels between all that Redis sends', () => {
    expect(new PushReader().read(Buffer.from(STREAM))).toEqual(CHANNELS);
  });

  it.each([1, 2, 3, 7, 50])('also when it comes in pieces of %i bytes', (size) => {
    const reader = new PushReader();
    const stream = Buffer.from(STREAM);
    const found = [];
    for (let i = 0; i < stream.length; i += size) found.push(...reader.read(stream.subarray(i, i + size)));
    expect(found).toEqual(CHANNELS);
  });

  it('does not guess at what it does not know', () => {
    expect(() => new PushReader().read(Buffer.from('1\r\n+a\r\n'))).toThrow(RangeError);
  });
});
