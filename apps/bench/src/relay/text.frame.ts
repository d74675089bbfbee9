const FINAL_TEXT = 0x81;
const SHORT_BYTES = 126;
const TWO_BYTES_FOLLOW = 126;
const MAX_BYTES = 0xffff;

/** A server's websocket frame of one text, whole. @throws RangeError for more than 64 KiB */
export function textFrame(text: string): Buffer {
  const data = Buffer.from(text);
  if (data.length > MAX_BYTES) throw new RangeError('too long for one frame of the bench');
  const header =
    data.length < SHORT_BYTES
      ? Buffer.from([FINAL_TEXT, data.length])
      : Buffer.from([FINAL_TEXT, TWO_BYTES_FOLLOW, data.length >> 8, data.length & 0xff]);
  return Buffer.concat([header, data]);
}
