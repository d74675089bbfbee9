/** The part of an Engine.IO connection by which it is ended. */
export interface EndableConnection {
  close(discard?: boolean): unknown;
  readonly transport?: { readonly socket?: { terminate?(): void } };
}

/**
 * Ends a connection for good and at once. A polite end would wait half a minute for a client that does not read, and
 * keep what was to be sent to it; or go on reading from one that does not stop sending.
 */
export function endNow(connection: EndableConnection): void {
  const websocket = connection.transport?.socket;
  connection.close(true);
  websocket?.terminate?.();
}
