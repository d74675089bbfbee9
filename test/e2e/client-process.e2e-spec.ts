import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  startProcess,
  startStandalone,
  stopAllProcesses,
  type TestProcess,
  type TestServerProcess,
  uniquePrefix,
} from '#libs/testing';
import { createRoom, type TestRoom } from './support/room.client.js';

/** A process that has nothing more to do ends at once; a connection that is not let go holds it for half a minute. */
const ENDS_WITHIN_MS = 12_000;

const servers: TestServerProcess[] = [];
let room: TestRoom;

const startServer = async (): Promise<TestServerProcess> => {
  const server = await startStandalone({ prefix: uniquePrefix('client-process') });
  servers.push(server);
  return server;
};

beforeAll(async () => {
  room = await createRoom((await startServer()).url);
});
afterAll(async () => {
  for (const server of servers) server.thaw();
  await stopAllProcesses();
});

function program(pin: string, ...urls: string[]): Promise<TestProcess> {
  const script = 'test/e2e/support/client.process.mjs';
  return startProcess({ name: 'a program with a room', script, args: [pin, ...urls], readyLine: /^opened$/ });
}

/** Has it disconnect, and waits for its end. */
async function endOf(child: TestProcess): Promise<unknown> {
  child.signal('SIGUSR2');
  await child.waitForLine(/^disconnected$/);
  const startedAt = performance.now();
  const exit = await child.exited;
  expect(performance.now() - startedAt).toBeLessThan(ENDS_WITHIN_MS);
  return exit;
}

describe('a program with a room', () => {
  it('ends after it has disconnected', async () => {
    const child = await program(room.pin, servers[0]?.url ?? '');
    await child.waitForLine(/^joined$/);
    expect(await endOf(child)).toEqual({ code: 0, signal: null });
  });

  it('ends also when the gateway stands still, and when none was ever reached', async () => {
    const frozen = await startServer();
    const { pin } = await createRoom(frozen.url);
    const child = await program(pin, frozen.url);
    await child.waitForLine(/^joined$/);
    await frozen.freeze();
    expect(await endOf(child)).toEqual({ code: 0, signal: null });
    const connecting = await program(pin, frozen.url);
    expect(await endOf(connecting)).toEqual({ code: 0, signal: null });
    const alone = await program(pin, 'http://127.0.0.1:1');
    expect(await endOf(alone)).toEqual({ code: 0, signal: null });
  });

  it('goes on while it looks for a gateway: no connection is open then that would hold it', async () => {
    const doomed = await startServer();
    const { pin } = await createRoom(doomed.url);
    const child = await program(pin, doomed.url);
    await child.waitForLine(/^joined$/);
    await doomed.kill();
    await child.waitForLine(/^reconnecting$/);
    // That takes longer than a process without a reason to live.
    const another = await program(pin, 'http://127.0.0.1:1');
    await another.waitForLine(/^opened$/);
    expect(child.hasExited).toBe(false);
    expect(await endOf(child)).toEqual({ code: 0, signal: null });
    expect(another.hasExited).toBe(false);
    expect(await endOf(another)).toEqual({ code: 0, signal: null });
  });
});
