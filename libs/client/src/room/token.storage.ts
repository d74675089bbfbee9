import type { TokenStorage } from '../client.types.js';

/** Tokens that are gone with the page or the process. */
export function memoryStorage(): TokenStorage {
  const tokens = new Map<string, string>();
  return {
    get: (key) => tokens.get(key) ?? null,
    set: (key, token) => {
      tokens.set(key, token);
    },
    remove: (key) => {
      tokens.delete(key);
    },
  };
}

/** What `localStorage` and `sessionStorage` have. */
export interface WebStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * Tokens in the browser's `sessionStorage` (each tab is a member of its own) or `localStorage` (all tabs are one member, and
 * the newest has its seat). Where the browser allows no storage, or it is full, it is as if there was none: a reload then
 * makes a new player. Give a function where even reading `globalThis.localStorage` may throw, as in frames without storage.
 */
export function webStorage(storage: WebStorage | (() => WebStorage)): TokenStorage {
  const attempt = <T>(act: (storage: WebStorage) => T): T | null => {
    try {
      return act(typeof storage === 'function' ? storage() : storage);
    } catch {
      return null;
    }
  };
  return {
    get: (key) => attempt((web) => web.getItem(key)),
    set: (key, token) => {
      attempt((web) => web.setItem(key, token));
    },
    remove: (key) => {
      attempt((web) => web.removeItem(key));
    },
  };
}
