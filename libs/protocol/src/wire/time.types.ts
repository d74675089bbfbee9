/** An instant: integer milliseconds since the epoch, of the server's clock unless its field says otherwise. Ends in `At`. */
export type EpochMs = number & { readonly __unit: 'EpochMs' };

/** A length of time: integer milliseconds. Ends in `Ms`. */
export type DurationMs = number & { readonly __unit: 'DurationMs' };

/** A room's version: a safe integer >= 0 that only grows; gaps mean nothing. */
export type Version = number & { readonly __unit: 'Version' };

/** Names one run of a question: the version that its start was given. */
export type RunId = Version;
