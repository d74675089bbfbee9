/** The pages, each with what its address says. */
export type PageRoute =
  | { readonly page: 'landing' }
  | { readonly page: 'host'; readonly roomId: string }
  | { readonly page: 'play'; readonly pin: string | null }
  | { readonly page: 'screen'; readonly roomId: string }
  | { readonly page: 'unknown' };

const ROOM_ID = /^[\w.-]{1,64}$/;
const PIN = /^\d{6}$/;

/**
 * Which page an address is of. The gateway answers the same addresses with the pages, and no others.
 *
 * @param pathname as in `location.pathname`
 */
export function routeOf(pathname: string): PageRoute {
  const [page = '', id, ...more] = pathname.split('/').slice(1);
  if (more.length > 0) return { page: 'unknown' };
  if (page === '' && id === undefined) return { page: 'landing' };
  if (page === 'play' && id === undefined) return { page: 'play', pin: null };
  if (id === undefined) return { page: 'unknown' };
  if (page === 'play' && PIN.test(id)) return { page: 'play', pin: id };
  if ((page === 'host' || page === 'screen') && ROOM_ID.test(id)) return { page, roomId: id };
  return { page: 'unknown' };
}

/** `token` of an address' fragment, which browsers send to no server; null if there is none. */
export function tokenOf(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token');
}
