type Value = Buffer | readonly Value[] | null;

const CRLF = '\r\n';
const PUSH = '>';
/** Their line is all of them. */
const LINES = '+-:_#,(';
/** As many bytes follow as their line says. */
const BYTES = '$!=';
/** As many values follow as their line says, times so much. */
const VALUES: Readonly<Record<string, number>> = { '*': 1, '~': 1, [PUSH]: 1, '%': 2, '|': 2 };
/** By kind of push that is a message, where its channel stands. */
const CHANNELS: Readonly<Record<string, number>> = { message: 1, smessage: 1, pmessage: 2 };

interface Whole {
  readonly kind: string;
  readonly value: Value;
  /** Where the next one begins. */
  readonly end: number;
}

/** Reads along what Redis (RESP3) sends to one connection, and finds the messages of channels in it. */
export class PushReader {
  private rest: Buffer = Buffer.alloc(0);

  /**
   * @returns the channels of the messages that have become whole by this piece, in order
   * @throws RangeError for what RESP3 does not know
   */
  read(piece: Buffer): string[] {
    let left = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    const channels: string[] = [];
    for (let whole = wholeAt(left, 0); whole !== null; whole = wholeAt(left, 0)) {
      const channel = whole.kind === PUSH ? channelOf(whole.value) : null;
      if (channel !== null) channels.push(channel);
      left = left.subarray(whole.end);
    }
    this.rest = left;
    return channels;
  }
}

/** Null when it is no message of a channel. */
function channelOf(value: Value): string | null {
  const parts = Array.isArray(value) ? (value as readonly Value[]) : [];
  const channel = parts[CHANNELS[String(parts[0])] ?? Number.NaN];
  return Buffer.isBuffer(channel) ? channel.toString() : null;
}

/** Null when it is not all there yet. */
function wholeAt(from: Buffer, start: number): Whole | null {
  const lineEnd = from.indexOf(CRLF, start);
  if (lineEnd === -1) return null;
  const kind = String.fromCharCode(from[start] ?? 0);
  const line = from.subarray(start + 1, lineEnd);
  const end = lineEnd + CRLF.length;
  if (LINES.includes(kind)) return { kind, value: line, end };
  const length = Number(line.toString());
  if (length < 0) return { kind, value: null, end };
  const each = VALUES[kind];
  if (each !== undefined) return valuesAt(kind, from, end, length * each);
  if (!BYTES.includes(kind)) throw new RangeError(`not RESP3: ${kind}`);
  const next = end + length + CRLF.length;
  return from.length < next ? null : { kind, value: from.subarray(end, end + length), end: next };
}

function valuesAt(kind: string, from: Buffer, start: number, count: number): Whole | null {
  const values: Value[] = [];
  let end = start;
  while (values.length < count) {
    const one = wholeAt(from, end);
    if (one === null) return null;
    values.push(one.value);
    end = one.end;
  }
  return { kind, value: values, end };
}
