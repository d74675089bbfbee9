import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { joinRoom, memoryStorage, type Room, type RoomOptions } from '#libs/client';
import { eventually, eventuallyPasses, rest, startGateway, type TestServerProcess } from '#libs/testing';
import { proxyTo } from './support/answer.proxy.js';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { closeAllClients, connect, createRoom, type TestRoom } from './support/room.client.js';

/** How far a countdown may be from the truth here: clocks of one machine differ by nothing, but it is busy. */
const COUNTDOWN_ERROR_MS = 300;
const COUNTDOWN_LOOKS_MS = 3_000;
/** One of so many moves must be without a gap. */
const MOVES = 5;

let cluster: Cluster;
let rooms: Room[] = [];

beforeAll(async () => {
  cluster = await startCluster('client');
});
afterEach(() => {
  for (const room of rooms) room.disconnect();
  rooms = [];
  closeAllClients();
});
afterAll(async () => {
  await cluster?.stop();
});

async function join(options: RoomOptions): Promise<Room> {
  const room = await joinRoom(options);
  rooms.push(room);
  return room;
}

const hostOf = (url: string | string[], room: TestRoom) => join({ url, token: room.hostToken });

/** A gateway of the same installation that a test may end. */
function anotherGateway(): Promise<TestServerProcess> {
  return startGateway({ prefix: cluster.prefix, redisUrl: cluster.redisUrl });
}

/** Every event of a question that the room tells, as `name version`. */
function recordOf(room: Room): string[] {
  const told: string[] = [];
  const names = ['started', 'opened', 'tick', 'paused', 'resumed', 'extended', 'closed'] as const;
  for (const name of names) room.on(`question:${name}`, ({ version }) => told.push(`${name} ${version}`));
  return told;
}

/** What the clock of a gateway shows now, asked over a connection of the test's own, and how far that may be off. */
async function clockOf(url: string): Promise<{ now: number; errorMs: number }> {
  const client = await connect(url);
  const before = performance.now();
  const { serverNow } = await client.call('clock:sync', { sentAt: 0 });
  const errorMs = (performance.now() - before) / 2;
  client.close();
  return { now: serverNow + errorMs, errorMs };
}

/** Expects what is left by the server's own clock: at one of a few looks, for a machine stands still between two lines, too. */
async function expectRightCountdown(room: Room): Promise<void> {
  await eventuallyPasses(
    async () => {
      const { now, errorMs } = await clockOf(cluster.b.url);
      const left = (room.state.question?.endsAt ?? 0) - now;
      expect(Math.abs((room.remainingMs() ?? Number.NaN) - left)).toBeLessThan(COUNTDOWN_ERROR_MS + errorMs);
    },
    { timeoutMs: COUNTDOWN_LOOKS_MS, everyMs: 100 },
  );
}

/** Without the instant at which somebody was told. */
const questionOf = ({ state }: Room) => ({ ...state.question, serverNow: undefined });

async function answersOf(room: TestRoom, questionId: string) {
  const outcome = await eventually(async () => {
    const { status, body } = await rest(
      `${cluster.b.url}/v1/rooms/${room.roomId}/questions/${questionId}/outcome`,
      { key: room.hostToken },
    );
    return status === 200 && body;
  });
  return outcome.answers as { playerId: string; verdict: string; choice: unknown }[];
}

describe('a quiz by the client', () => {
  it('plays a question over two gateways: the same countdown, a verdict each, one closing, no ticks', async () => {
    const room = await createRoom(cluster.a.url);
    const host = await hostOf(cluster.a.url, room);
    const players = await Promise.all([
      join({ url: cluster.a.url, pin: room.pin, name: 'Ada' }),
      join({ url: cluster.b.url, pin: room.pin, name: 'Bo' }),
    ]);
    const records = players.map(recordOf);
    const content = { text: '6 x 7?', choices: [{ id: 'a', text: '42' }] };
    const started = await host.start({ questionId: 'q1', durationMs: 60_000, leadInMs: 500, content });
    for (const player of players) {
      await eventually(() => player.state.question?.phase === 'open');
      expect(player.state.question).toMatchObject({ questionId: 'q1', runId: started.runId, content });
      await expectRightCountdown(player);
    }

    const verdicts = await Promise.all(players.map((player, i) => player.answer(`choice ${i}`)));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['accepted', 'accepted']);
    expect(players.map(({ state }) => state.answer?.choice)).toEqual(['choice 0', 'choice 1']);
    await eventually(() => host.state.answersCount === 2);
    // On a slow machine this is before now, and closes it at once.
    await host.extend(-57_000);

    for (const player of players) {
      await eventually(() => player.state.question?.phase === 'closed');
      expect(player.countdown()).toMatchObject({ phase: 'closed', seconds: 0 });
    }
    // Who was told once more, after a gap, was told the same at another instant.
    const [ada, bo] = players.map(questionOf);
    expect(ada).toEqual(bo);
    await eventuallyPasses(() => {
      for (const record of records)
        expect(record.map((line) => line.split(' ')[0])).toEqual(['started', 'opened', 'extended', 'closed']);
    });
    expect(records[0]).toEqual(records[1]);
    expect(await answersOf(room, 'q1')).toHaveLength(2);
  });

  it('has the host pause, resume, stop, see who is there, kick, and close the room', async () => {
    const room = await createRoom(cluster.a.url);
    const host = await hostOf([cluster.b.url], room);
    const [ada, bo] = await Promise.all([
      join({ url: cluster.a.url, pin: room.pin, name: 'Ada' }),
      join({ url: cluster.b.url, pin: room.pin, name: 'Bo' }),
    ]);
    await host.start({ questionId: 'q1', durationMs: 60_000 });
    expect((await host.pause()).phase).toBe('paused');
    await eventually(() => ada.state.question?.phase === 'paused');
    // A gateway that has been awake since gives her no benefit of the doubt.
    await clockOf(cluster.a.url);
    await expect(ada.answer('a')).resolves.toMatchObject({ verdict: 'paused' });
    expect((await host.resume()).phase).toBe('open');
    expect(await host.stop()).toMatchObject({ phase: 'closed', reason: 'stopped' });
    await eventually(() => ada.state.question?.phase === 'closed');
    await expect(host.pause()).rejects.toMatchObject({ name: 'QuizbellError', code: 'wrong_phase' });
    await expect(ada.stop()).rejects.toMatchObject({ code: 'forbidden' });

    expect((await host.roster()).map(({ name }) => name).sort()).toEqual(
      expect.arrayContaining(['Ada', 'Bo']),
    );
    await host.kick(bo.state.me?.playerId ?? '');
    await eventually(() => bo.state.connection === 'ended');
    expect(bo.state.end).toEqual({ reason: 'kicked' });
    await host.close();
    await eventually(() => ada.state.end !== null && host.state.end !== null);
    expect([ada.state.end, host.state.end]).toEqual([
      { reason: 'room-closed', by: 'host' },
      { reason: 'room-closed', by: 'host' },
    ]);
  });

  it('comes back after a refresh by the stored token: the same player, the exact time, the earlier verdict', async () => {
    const room = await createRoom(cluster.a.url);
    const host = await hostOf(cluster.a.url, room);
    const storage = memoryStorage();
    const options = { url: cluster.a.url, pin: room.pin, name: 'Ada', storage };
    const before = await join(options);
    await host.start({ questionId: 'q1', durationMs: 60_000, content: { text: '?' } });
    await eventually(() => before.state.question?.phase === 'open');
    const verdict = await before.answer({ id: 'a' });
    before.disconnect();

    const after = await join({ ...options, url: cluster.b.url });
    expect(after.state.me).toEqual(before.state.me);
    expect(after.state.question).toMatchObject({ phase: 'open', content: { text: '?' } });
    expect(after.state.answer).toMatchObject({
      verdict: 'accepted',
      receivedAt: verdict.receivedAt,
      choice: { id: 'a' },
    });
    await expectRightCountdown(after);
    await expect(after.answer('another')).resolves.toMatchObject({
      verdict: 'duplicate',
      receivedAt: verdict.receivedAt,
    });
    expect(after.state.answer).toMatchObject({ verdict: 'accepted', choice: { id: 'a' } });
  });
});

describe('when a gateway is lost in mid-question', () => {
  it('players go on at the other one; answers that were under way count once, and the closing is heard once', async () => {
    const doomed = await anotherGateway();
    const room = await createRoom(cluster.a.url);
    const host = await hostOf(cluster.a.url, room);
    const urls = [doomed.url, cluster.b.url];
    const players = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        join({ url: urls, pin: room.pin, name: `p${i}`, timeoutMs: 2_000 }),
      ),
    );
    const ids = players.map(({ state }) => state.me?.playerId);
    const records = players.map(recordOf);
    await host.start({ questionId: 'q1', durationMs: 60_000 });
    for (const player of players) await eventually(() => player.state.question?.phase === 'open');

    // Some of them reach the gateway before its end, and some do not.
    const answers = players.map((player, i) => player.answer(i));
    await doomed.kill();
    const verdicts = await Promise.all(answers);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(players.map(() => 'accepted'));
    expect(players.map(({ state }) => state.me?.playerId)).toEqual(ids);
    for (const player of players) await expectRightCountdown(player);

    await host.stop();
    await eventuallyPasses(() => {
      for (const record of records)
        expect(record.filter((line) => line.startsWith('closed'))).toHaveLength(1);
    });
    const answered = await answersOf(room, 'q1');
    expect(answered.map(({ choice }) => choice).sort()).toEqual(players.map((_, i) => i));
    expect(new Set(answered.map(({ playerId }) => playerId))).toEqual(new Set(ids));
  });

  it('an answer that it had received, and could not acknowledge any more, counts once', async () => {
    const room = await createRoom(cluster.a.url);
    const host = await hostOf(cluster.b.url, room);
    const proxy = await proxyTo(cluster.a.url);
    const player = await join({ url: [proxy.url, cluster.b.url], pin: room.pin, name: 'Ada' });
    await host.start({ questionId: 'q1', durationMs: 60_000 });
    await eventually(() => player.state.question?.phase === 'open');
    proxy.keepAnswers();
    const answer = player.answer('a');
    await eventually(() => host.state.answersCount === 1);
    proxy.stop();
    await expect(answer).resolves.toMatchObject({ verdict: 'accepted', choice: 'a' });
    expect(player.state).toMatchObject({ connection: 'joined', answer: { verdict: 'accepted' } });
    await host.stop();
    expect(await answersOf(room, 'q1')).toMatchObject([{ choice: 'a', verdict: 'accepted' }]);
  });

  it('that stands still is left, as soon as something is not answered', async () => {
    const frozen = await anotherGateway();
    const room = await createRoom(cluster.a.url);
    const host = await hostOf(cluster.a.url, room);
    const player = await join({
      url: [frozen.url, cluster.b.url],
      pin: room.pin,
      name: 'Ada',
      timeoutMs: 1_000,
    });
    await host.start({ questionId: 'q1', durationMs: 60_000 });
    await eventually(() => player.state.question?.phase === 'open');
    await frozen.freeze();
    await expect(player.answer('a')).resolves.toMatchObject({ verdict: 'accepted' });
    frozen.thaw();
    await host.stop();
    expect(await answersOf(room, 'q1')).toHaveLength(1);
    expect(player.state.connection).toBe('joined');
  });

  it('and goes by itself, players move without a gap: never reconnecting, nothing missed', async () => {
    for (let moves = 1, hasMoved = false; !hasMoved; moves += 1) {
      const leaving = await anotherGateway();
      const room = await createRoom(cluster.a.url);
      const host = await hostOf(cluster.a.url, room);
      const player = await join({ url: [leaving.url, cluster.b.url], pin: room.pin, name: 'Ada' });
      const record = recordOf(player);
      const connections = new Set<string>();
      player.subscribe(() => connections.add(player.state.connection));
      const versions = [(await host.start({ questionId: 'q1', durationMs: 60_000 })).version];
      leaving.signal('SIGTERM');
      let isGone = false;
      void leaving.exited.then(() => {
        isGone = true;
      });
      while (!isGone) versions.push((await host.extend(1)).version);
      versions.push((await host.extend(1)).version);
      await eventually(() => player.state.question?.version === versions.at(-1));
      // Whoever stands still for longer than a gateway waits for its members has a gap: now and then, and not every time.
      hasMoved = [...connections].every((connection) => connection === 'joined');
      if (!hasMoved && moves < MOVES) continue;
      expect([...connections]).toEqual(['joined']);
      // Each in order and once. One that comes by the old connection after a newer one by the new is not told: nobody needs it.
      const told = record.map((line) => Number(line.split(' ')[1]));
      expect(told).toEqual(versions.filter((version) => told.includes(version)));
      expect(told.at(-1)).toBe(versions.at(-1));
      await expect(player.answer('a')).resolves.toMatchObject({ verdict: 'accepted' });
    }
  });
});
