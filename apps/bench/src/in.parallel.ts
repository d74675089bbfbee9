/** As many as keep Redis or a gateway busy. */
const AT_ONCE = 32;

/** Does the work for each, a few at a time; the results in the order of the items. */
export async function inParallel<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T, i);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}
