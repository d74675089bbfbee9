import type { Server } from 'node:http';
import { ConfigurationError } from './configuration.error.js';

const REASONS = new Map([
  ['EADDRINUSE', 'is taken by another process'],
  ['EACCES', 'may not be used by this user'],
  ['EADDRNOTAVAIL', 'is not at an address of this machine (see HOST)'],
  ['ENOTFOUND', 'is at a host name that nobody knows (see HOST)'],
]);

/**
 * Makes a server listen, and gives the port: a free one for 0.
 *
 * @param variable the environment variable that the port comes from, for the message
 * @throws ConfigurationError when the port cannot be had
 */
export async function listenOn(
  server: Server,
  host: string,
  port: number,
  variable: string,
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      const reason = REASONS.get(error.code ?? '');
      reject(
        reason === undefined ? error : new ConfigurationError([`Port ${port} (${variable}) ${reason}.`]),
      );
    };
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
  return portOf(server);
}

/** The port at which a server listens. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('The server does not listen on a port.');
  return address.port;
}
