/** A message that is written but for the instant of its publishing. */
export interface WrittenMessage {
  readonly channel: string;
  readonly head: string;
  /** What is left of the question: a fixed length, 'null', or '' for none. */
  readonly remaining: string;
  readonly tail: string;
}

/** The sorted set of what is due. It lies below the contest's prefix, so that it goes with it. */
export const dueKey = (prefix: string): string => `${prefix}:bare-due`;

const SEPARATOR = '\n'; // JSON has none outside of its strings, and inside them it is escaped

export function memberOf({ channel, head, remaining, tail }: WrittenMessage): string {
  const told = remaining === '' ? '' : `"remainingMs":${remaining},`;
  return [channel, `${head}${told}"serverNow":`, tail].join(SEPARATOR);
}

/**
 * Publishes what is due and forgets it.
 * KEYS: the sorted set; ARGV: how many at most
 * Returns: { how many, ms until the next is due; -1 when there is none }
 */
export const PUBLISH_DUE = `
local time = redis.call('TIME')
local at = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', at, 'LIMIT', 0, ARGV[1])
for _, member in ipairs(due) do
  local channel, head, tail = string.match(member, '^(.-)\\n(.-)\\n(.*)$')
  redis.call('SPUBLISH', channel, head .. at .. tail)
end
if #due > 0 then redis.call('ZREM', KEYS[1], unpack(due)) end
local head = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return { #due, head[2] and math.max(0, head[2] - at) or -1 }
`;
