import type { WebStore } from '../room/seat.storage.js';

/** The part of the window that knows the page's address. */
export interface AddressBar {
  readonly location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  readonly history: Pick<History, 'replaceState' | 'state'>;
}

/**
 * The screen's token: of the address, from where it is taken away (a screen's address is for everybody to see), or as this
 * tab has kept it; null if there is none.
 *
 * @param inAddress the token that the address has
 */
export function takeToken(
  roomId: string,
  inAddress: string | null,
  tab: WebStore,
  { location, history }: AddressBar,
): string | null {
  const key = `quizbell.screen.${roomId}`;
  if (inAddress !== null && inAddress !== '') tab.setItem(key, inAddress);
  if (location.hash !== '') history.replaceState(history.state, '', location.pathname + location.search);
  return tab.getItem(key);
}
