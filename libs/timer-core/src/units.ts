/** An instant in integer milliseconds since the Unix epoch, on the Redis clock of the room's shard. */
export type EpochMs = number & { readonly __unit: 'EpochMs' };

/** A length of time in integer milliseconds. */
export type DurationMs = number & { readonly __unit: 'DurationMs' };

/** A room's version: only grows, gaps mean nothing. It is at least the instant at which it was given. */
export type Version = number & { readonly __unit: 'Version' };

/** Names a run: the version that its start was given. */
export type RunId = Version;

// The three functions below are the only places where a plain number becomes a branded one in the core.
export const epochMs = (value: number): EpochMs => value as EpochMs;
export const durationMs = (value: number): DurationMs => value as DurationMs;
export const version = (value: number): Version => value as Version;

export const after = (at: EpochMs, length: number): EpochMs => epochMs(at + length);
export const between = (from: EpochMs, to: EpochMs): DurationMs => durationMs(to - from);
export const earliest = (...instants: (EpochMs | null)[]): EpochMs | null => {
  const known = instants.filter((at) => at !== null);
  return known.length === 0 ? null : epochMs(Math.min(...known));
};
export const latest = (...instants: EpochMs[]): EpochMs => epochMs(Math.max(...instants));

/** The version that follows `current` at the instant `now`. */
export const nextVersion = (current: Version, now: EpochMs): Version => version(Math.max(current + 1, now));
