/**
 * Whether a page of this origin may talk to us. No origin at all is not a browser and always may; so may a page that
 * this very host has served.
 *
 * @param allowed undefined lets every origin in
 * @param host the request's `Host` header
 */
export function isOriginAllowed(
  allowed: readonly string[] | undefined,
  origin: string | undefined,
  host: string | undefined,
): boolean {
  if (allowed === undefined || origin === undefined) return true;
  if (allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
