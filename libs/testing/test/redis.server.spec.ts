import { existsSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import {
  closeRedisClient,
  eventually,
  findOnPath,
  type RedisServer,
  redisClient,
  startProcess,
  startRedisServer,
  stopAllProcesses,
  stopAllRedisServers,
} from '#libs/testing';

const clients: Redis[] = [];

function clientOf(server: RedisServer, options = {}): Redis {
  const client = redisClient(server.url, options);
  clients.push(client);
  return client;
}

function isAlive(pid: number): boolean {
  try {
    // A zombie that nobody reaps (a container without an init) is dead.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map(closeRedisClient));
});

afterAll(async () => {
  await stopAllProcesses();
  await stopAllRedisServers();
});

const withBinary = findOnPath('redis-server') ? describe : describe.skip;

withBinary('a private redis-server', () => {
  it('loses its data when it is killed, comes back on its port, and clients find it again', async () => {
    const server = await startRedisServer();
    const client = clientOf(server);
    await client.set('key', 'value');
    const { port, pid } = server;
    await expect(server.kill()).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    expect(isAlive(pid)).toBe(false);
    await server.restart();
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
    await expect(client.get('key')).resolves.toBeNull();
    await server.stop();
  });

  it('keeps its data over a restart if asked to', async () => {
    const server = await startRedisServer({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
    const client = clientOf(server);
    await client.set('key', 'value');
    await server.restart('SIGKILL');
    await expect(client.get('key')).resolves.toBe('value');
    await server.stop();
  });

  it('answers nobody while it is frozen, and afterwards those who waited', async () => {
    const server = await startRedisServer();
    const patient = clientOf(server);
    await patient.ping();
    const impatient = clientOf(server, { commandTimeout: 1_500 });
    await server.freeze();
    const waiting = patient.incr('count');
    await expect(impatient.ping()).rejects.toThrow(/timed out/);
    server.thaw();
    await expect(waiting).resolves.toBe(1);
    await server.stop();
  });

  it('can be stopped and restarted while it is frozen', async () => {
    const server = await startRedisServer();
    await server.freeze();
    await server.restart();
    await expect(clientOf(server).ping()).resolves.toBe('PONG');
    await server.freeze();
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });

  it('removes its folder on stop, twice if need be', async () => {
    const server = await startRedisServer();
    expect(existsSync(server.dir)).toBe(true);
    await server.stop();
    await server.stop();
    expect(existsSync(server.dir)).toBe(false);
  });

  it('fails on a port that another server has', async () => {
    const server = await startRedisServer();
    await expect(startRedisServer({ port: server.port })).rejects.toThrow(/in use/);
    await expect(clientOf(server).ping()).resolves.toBe('PONG');
    await server.stop();
  });

  it('ends with the process that started it, even if that is killed', async () => {
    const parent = await startProcess({
      name: 'parent',
      script: 'libs/testing/test/fixtures/parent.mjs',
      readyLine: /started (\d+) in (.+)/,
    });
    const pid = Number(parent.match[1]);
    expect(isAlive(pid)).toBe(true);
    await parent.kill('SIGKILL');
    await eventually(() => !isAlive(pid), { message: 'the orphan lives on' });
    rmSync(String(parent.match[2]), { recursive: true }); // the one thing that a killed process leaves
  });
});

describe('without a redis-server on the PATH', () => {
  it('says so', async () => {
    await expect(startRedisServer({ env: { PATH: '/nowhere' } })).rejects.toThrow(
      /No redis-server on the PATH/,
    );
  });
});
