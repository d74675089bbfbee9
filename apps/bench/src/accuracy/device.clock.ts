/**
 * Sets the time of day of this process wrong, for everything that runs in it.
 *
 * @returns the right one, epoch milliseconds
 */
export function skewDate(byMs: number): () => number {
  const RightDate = globalThis.Date;
  globalThis.Date = new Proxy(RightDate, {
    construct: (target, args: [number] | []) =>
      Reflect.construct(target, args.length === 0 ? [target.now() + byMs] : args),
    get: (target, name) => (name === 'now' ? () => target.now() + byMs : Reflect.get(target, name)),
  });
  return () => RightDate.now();
}
