import { createServer } from 'node:net';

// Below Linux' range of ephemeral ports (32768-60999): a client that reconnects to a closed port inside that range can
// be given the same port as its own and connect to itself.
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const PORT_TRIES = 20;

/** Why nobody can listen on that port now (`EADDRINUSE`, `EACCES`, ...), or `undefined` if one can. */
export function portProblem(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}

/** A port of 127.0.0.1 on which nobody listens now; somebody else may take it before its user does. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORT_TRIES; tries += 1) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    if ((await portProblem(port, '127.0.0.1')) === undefined) return port;
  }
  throw new Error(`No free port found between ${LOWEST_PORT} and ${HIGHEST_PORT} in ${PORT_TRIES} tries`);
}
