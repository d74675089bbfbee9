import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  eventually,
  rest,
  startGateway,
  startScheduler,
  stopAllProcesses,
  TestClient,
  type TestServerProcess,
  uniquePrefix,
} from '#libs/testing';
import { HOSTILE_KINDS, storm } from '../../apps/bench/src/hostile/hostile.frames.js';

jest.setTimeout(180_000);

const SEED = Number(process.env.QUIZBELL_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const STORMS = 3;
const FRAMES = 4_000;
const CONNECTIONS = 20;
/** 2 KiB for each frame of a storm; what three storms leave behind now is a megabyte and a half. */
const MAX_GROWTH_BYTES = 8 * 1024 * 1024;
/** A connection that is being closed while its machine is busy still holds its memory. */
const LET_GO_WITHIN_MS = 10_000;

const prefix = uniquePrefix('hostile');
let gateway: TestServerProcess;

beforeAll(async () => {
  await startScheduler({ prefix });
  gateway = await startGateway({
    prefix,
    env: {
      NODE_OPTIONS: `--import ${new URL('../../dist/apps/bench/src/hostile/memory.probe.js', import.meta.url).pathname}`,
      LOG_LEVEL: 'error',
      // All of it comes from one address, and each frame is to be looked at.
      QUIZBELL_RATE_CONNECTIONS: 'off',
      QUIZBELL_RATE_JOINS: 'off',
      QUIZBELL_RATE_WRONG_PINS: 'off',
    },
  });
});
afterAll(stopAllProcesses);

/** Bytes in use by the gateway after a forced collection. */
async function memory(): Promise<number> {
  const before = gateway.stderr.filter((line) => line.startsWith('MEMORY')).length;
  gateway.signal('SIGUSR2');
  const line = await eventually(() => gateway.stderr.filter((text) => text.startsWith('MEMORY'))[before], {
    timeoutMs: 60_000,
    message: 'the gateway did not tell its memory',
  });
  const { heapUsed, external } = JSON.parse(line.slice('MEMORY '.length));
  return heapUsed + external;
}

/**
 * Bytes that the gateway has in use beyond `before`: what it lets go of a little later is not kept. Looks again while it is too
 * much, and tells the least.
 */
async function growthSince(before: number): Promise<number> {
  const seen: number[] = [];
  const isBounded = async () => {
    seen.push((await memory()) - before);
    return Math.min(...seen) < MAX_GROWTH_BYTES;
  };
  // What stays too much is for the test to tell.
  await eventually(isBounded, { timeoutMs: LET_GO_WITHIN_MS, everyMs: 500 }).catch(() => {});
  return Math.min(...seen);
}

/** A room beside the storm: its host keeps changing the deadline until told to stop. */
async function liveRoom() {
  const { body: room } = await rest(`${gateway.url}/v1/rooms`, { method: 'POST', body: {} });
  const host = await TestClient.connect(gateway.url);
  expect(await host.call('room:join', { token: room.hostToken })).toMatchObject({ ok: true });
  const players = await Promise.all(
    Array.from({ length: 3 }, async (_, i) => {
      const player = await TestClient.connect(gateway.url);
      expect(await player.call('room:join', { pin: room.pin, name: `Player ${i}` })).toMatchObject({
        ok: true,
      });
      return player;
    }),
  );
  const start = { questionId: 'live', durationMs: 600_000, tickMs: 250 };
  const started = await host.call('question:start', start);
  expect(started).toMatchObject({ ok: true });
  const versions: number[] = [started.snapshot.version];
  let stopped = false;
  const pressing = (async () => {
    while (!stopped) {
      const extended = await host.call('question:extend', { byMs: 1_000 });
      if (!extended.ok) throw new Error(`the live room was refused: ${JSON.stringify(extended)}`);
      versions.push(extended.snapshot.version);
      // The next tick paces the host.
      const seen = host.received.length;
      await host.waitFor('question:tick', () => true, { since: seen, timeoutMs: 60_000 });
    }
  })();
  return {
    players,
    versions,
    stop: async () => {
      stopped = true;
      await pressing;
    },
    close: async () => {
      await host.call('room:close', {});
      for (const client of [host, ...players]) client.close();
    },
  };
}

describe('a gateway under hostile frames', () => {
  it('does not crash, does not keep memory, and a live room beside the storm misses nothing', async () => {
    console.info(`QUIZBELL_TEST_SEED=${SEED}`);
    const room = await liveRoom();
    // A first, small storm loads the code that errors need, so that it does not count as growth.
    await storm(gateway.url, { seed: SEED, frames: 1_000, connections: CONNECTIONS });
    const before = await memory();
    const growth: number[] = [];
    for (let i = 1; i <= STORMS; i++) {
      const report = await storm(gateway.url, { seed: SEED + i, frames: FRAMES, connections: CONNECTIONS });
      console.log(
        `storm ${i}: ${report.survived} frames survived, ${report.thrownOut} ended their connection`,
      );
      expect(Object.keys(report.kinds).sort()).toEqual(Object.keys(HOSTILE_KINDS).sort());
      expect(report.survived + report.thrownOut + report.unwatched).toBe(FRAMES);
      expect(Math.min(report.survived, report.thrownOut)).toBeGreaterThan(FRAMES / 10);
      growth.push(await growthSince(before));
    }
    console.log(
      `growth after each storm (MB): ${growth.map((bytes) => (bytes / 1024 / 1024).toFixed(1)).join(', ')}`,
    );
    await room.stop();

    expect(gateway.hasExited).toBe(false);
    for (const bytes of growth) expect(bytes).toBeLessThan(MAX_GROWTH_BYTES);
    const heard = (player: TestClient) =>
      player.events('question:started', 'question:extended').map((event) => event.payload.version);
    expect(room.versions.length).toBeGreaterThan(STORMS);
    for (const player of room.players) {
      await eventually(() => heard(player).length >= room.versions.length, {
        message: 'a player missed an event',
      });
      expect(heard(player)).toEqual(room.versions);
      expect(player.events('question:tick').length).toBeGreaterThan(0);
    }
    await room.close();
  });

  it('still admits and serves a new client after the storms', async () => {
    const { status, body } = await rest(`${gateway.url}/v1/rooms`, { method: 'POST', body: {} });
    expect(status).toBe(201);
    const player = await TestClient.connect(gateway.url);
    expect(await player.call('room:join', { pin: body.pin, name: 'Late' })).toMatchObject({
      ok: true,
      role: 'player',
    });
    player.close();
  });
});
