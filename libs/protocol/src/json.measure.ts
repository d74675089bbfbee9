const encoder = new TextEncoder();
/** Of what JavaScript counts as one character, in UTF-8. */
const MOST_BYTES_EACH = 3;

/** Objects made by `{}`, `JSON.parse` or without a prototype; not arrays, buffers, dates or instances of classes. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Any root prototype will do: an object of another realm (a vm context) is as plain as one of this one.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Why `value` is no acceptable JSON value, or `undefined` if it is one. A number or string has depth 0, `[]` depth 1.
 *
 * Walks with a stack of its own, since a recursion could be made to overflow by the payload; depth first, so that a cycle
 * ends at `maxDepth`; and it gives up once there are more nodes than allowed bytes (each node takes a byte at least), so
 * that shared references cannot multiply the work.
 */
export function jsonProblem(value: unknown, maxBytes: number, maxDepth: number): string | undefined {
  const tooLarge = `must be at most ${maxBytes} bytes of JSON`;
  const stack: { node: unknown; depth: number }[] = [{ node: value, depth: 0 }];
  let nodes = 1;
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { node, depth } = entry;
    if (isJsonScalar(node)) continue;
    const children = childrenOf(node, maxBytes);
    if (children === undefined) return 'must be a JSON value';
    if (depth >= maxDepth) return `must not be nested deeper than ${maxDepth}`;
    nodes += children.length;
    if (nodes > maxBytes) return tooLarge;
    for (const child of children) stack.push({ node: child, depth: depth + 1 });
  }
  const text = JSON.stringify(value);
  if (text.length * MOST_BYTES_EACH <= maxBytes) return undefined;
  return encoder.encode(text).length > maxBytes ? tooLarge : undefined;
}

function isJsonScalar(node: unknown): boolean {
  // Text such as 1e309 parses to Infinity, which JSON cannot say again.
  if (typeof node === 'number') return Number.isFinite(node);
  return node === null || typeof node === 'string' || typeof node === 'boolean';
}

function childrenOf(node: unknown, maxBytes: number): readonly unknown[] | undefined {
  // One more than allowed is enough to refuse a huge (or huge and empty) array without copying it.
  if (Array.isArray(node)) return node.slice(0, maxBytes + 1);
  return isPlainObject(node) ? Object.values(node) : undefined;
}
