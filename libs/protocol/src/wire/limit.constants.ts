/**
 * Every range of the contract. `...Ms` are integer milliseconds, `...Bytes` bytes of UTF-8 JSON, `...Length` characters
 * (code points for names, UTF-16 units elsewhere). `min` and `max` are both allowed values.
 */
export const LIMITS = {
  /** How long a question is open when it starts; extensions may make it longer. */
  durationMs: { min: 100, max: 86_400_000 },
  /** From the start to the opening (the 3-2-1). */
  leadInMs: { min: 0, max: 60_000, default: 0 },
  /** After the deadline an answer is still accepted for so long; it never delays the closing. */
  graceMs: { min: 0, max: 10_000, default: 0 },
  /** The distance of two ticks; `none` means no ticks and is outside the range on purpose. */
  tickMs: { min: 100, max: 60_000, default: 1_000, none: 0 },
  /** Moves the deadline, either way; 0 is refused because it says nothing. */
  byMs: { min: -86_400_000, max: 86_400_000 },
  /** How long a room may stand empty before it is closed. The maximum is 7 days, as long as outcomes are kept. */
  idleMs: { min: 1_000, max: 604_800_000 },
  /** Life of a token made over REST. The maximum is 30 days. */
  ttlMs: { min: 1_000, max: 2_592_000_000 },
  maxPlayers: { min: 1, max: 100_000 },
  /** Of `questionId`, `roomId`, `playerId`, `commandId`, `answerId`. */
  idLength: { min: 1, max: 64 },
  /** After cleaning. */
  nameLength: { min: 1, max: 32 },
  tokenLength: { min: 1, max: 4_096 },
  urlLength: { min: 1, max: 2_048 },
  contentBytes: 8_192,
  correctBytes: 4_096,
  choiceBytes: 4_096,
  /** How many arrays and objects may lie in one another in any JSON value of the contract. */
  jsonDepth: 64,
  /** One Socket.IO frame or one REST body; more is `too_large`. */
  frameBytes: 16_384,
} as const;

/** Every id of the contract: 1-64 of `[A-Za-z0-9_.-]`. */
export const ID_PATTERN = /^[A-Za-z0-9_.-]{1,64}$/;

/** A PIN is a string of six digits (leading zeros count, so it is never a number). */
export const PIN_PATTERN = /^[0-9]{6}$/;
