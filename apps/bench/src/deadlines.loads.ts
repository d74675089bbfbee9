import { CannotRun } from './suite.types.js';

/** Rooms and when they are due. */
export interface Load {
  /** `<rooms>` due at once, or `<rooms per second>x<seconds>`. */
  readonly name: string;
  readonly rooms: number;
  /** Null: all at once. */
  readonly perSecond: number | null;
}

const LOAD = /^(\d+)(?:x(\d+))?$/;
const MOST_ROOMS = 20_000;
const MS_PER_SECOND = 1_000;

/** @throws CannotRun for what is no load */
export function parseLoad(name: string): Load {
  const [, first, seconds] = LOAD.exec(name) ?? [];
  const perSecond = seconds === undefined ? null : Number(first);
  const rooms = Number(first) * Number(seconds ?? 1);
  if (first !== undefined && rooms >= 1 && rooms <= MOST_ROOMS) return { name, rooms, perSecond };
  throw new CannotRun(
    `--loads takes numbers of rooms that are due at once, and <rooms per second>x<seconds>, at most ${MOST_ROOMS} rooms each: not "${name}".`,
  );
}

/**
 * An instant for each room, evenly over the time from `firstAt` on.
 *
 * @param random at least 0 and less than 1: which room gets which instant, so that the order of creation says nothing
 */
export function dueInstants({ rooms, perSecond }: Load, firstAt: number, random: () => number): number[] {
  const instants = Array.from({ length: rooms }, (_, i) =>
    perSecond === null ? firstAt : firstAt + Math.floor((i * MS_PER_SECOND) / perSecond),
  );
  for (let i = rooms - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [instants[i], instants[j]] = [instants[j] as number, instants[i] as number];
  }
  return instants;
}

/** Every n-th, so many, as far as there are. */
export function spreadOver<T>(items: readonly T[], count: number): T[] {
  const taken = Math.min(count, items.length);
  return Array.from({ length: taken }, (_, i) => items[Math.floor((i * items.length) / taken)] as T);
}

export const loadText = ({ rooms, perSecond }: Pick<Load, 'rooms' | 'perSecond'>): string =>
  perSecond === null
    ? `${rooms.toLocaleString('en-US')} rooms due at once`
    : `${perSecond.toLocaleString('en-US')} rooms due per second, for ${rooms / perSecond} s`;
