const before = (prefix: string): string => `${prefix}:expires:`;

/** The key that expires when the room is due. It lies below the contest's prefix, so that it goes with it. */
export const expiringKey = (prefix: string, roomId: string): string => `${before(prefix)}${roomId}`;

/** The room of a key that has expired; null for anybody else's. */
export const roomOfKey = (prefix: string, key: string): string | null =>
  key.startsWith(before(prefix)) ? key.slice(before(prefix).length) : null;
