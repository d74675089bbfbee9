import { expect, it } from '@jest/globals';
import { eventually } from '#libs/testing';
import type { Cluster } from './cluster.harness.js';
import {
  accepted,
  changesOf,
  command,
  commandSnapshot,
  connect,
  createRoom,
  hostOf,
  playerOf,
  startOf,
  type TestMember,
  type TestRoom,
} from './room.client.js';

/** After its join somebody stays for so many events of the stream. */
const EVENTS_AFTER_JOIN = 4;

/** What one join was answered with, and what came behind it until its member had enough. */
interface HeardAfterJoin {
  readonly snapshotVersion: number;
  readonly versions: number[];
}

/** A room whose host never rests; `versions` is every version that the host was acknowledged, in order. */
interface Stream {
  readonly room: TestRoom;
  readonly versions: number[];
  stop(): Promise<void>;
}

async function startStream(url: string): Promise<Stream> {
  const room = await createRoom(url);
  const host = await hostOf(url, room);
  // Open for as long as people join, however long that takes.
  const start = startOf('stream', { durationMs: 3_600_000 });
  const versions = [(await commandSnapshot(host.client, 'question:start', start)).version];
  let isStopped = false;
  const run = async () => {
    for (let i = 0; !isStopped; i++) {
      const turn: [string, object][] = [
        ['question:extend', { byMs: 1 }],
        ['question:pause', {}],
        ['question:extend', { byMs: 1 }],
        ['question:resume', {}],
      ];
      const [event, payload] = turn[i % turn.length] ?? ['question:stop', {}];
      const asked = { ...payload, commandId: `turn-${i}` };
      // A machine that stands still makes Redis unavailable for a moment; asked again by the same id it is done once.
      const ack = await eventually(async () => {
        const answer = await host.client.call(event, asked);
        return (answer.ok || answer.error?.retryable !== true) && answer;
      });
      versions.push(accepted(ack).snapshot.version);
    }
  };
  const running = run();
  const stop = async () => {
    isStopped = true;
    await running;
  };
  return { room, versions, stop };
}

/** Waits for a few events behind the join's snapshot. `since` is how many events the client had before it asked. */
async function listen(
  { client, ack }: Pick<TestMember, 'client' | 'ack'>,
  since = 0,
): Promise<HeardAfterJoin> {
  const snapshotVersion = ack.snapshot.version;
  const behind = () =>
    changesOf(client)
      .slice(since)
      .map(({ payload }) => payload.version as number)
      .filter((version) => version > snapshotVersion);
  await eventually(() => behind().length >= EVENTS_AFTER_JOIN, { message: 'the stream was not heard' });
  return { snapshotVersion, versions: behind() };
}

/** Each join must have heard what the host did from its snapshot to the last that it heard: all of it, in order. */
function expectNothingMissed(joins: readonly HeardAfterJoin[], versions: readonly number[]): void {
  for (const { snapshotVersion, versions: heard } of joins) {
    const last = heard.at(-1) ?? 0;
    const done = versions.filter((version) => version > snapshotVersion && version <= last);
    expect({ snapshotVersion, heard }).toEqual({ snapshotVersion, heard: done });
    // What the ack told is a state that the room really had.
    expect(versions).toContain(snapshotVersion);
  }
}

/** 500 joins that race the room's events: whatever Redis is, what comes behind the acknowledged snapshot is heard. */
export function itMissesNothingBehindJoins(gateways: () => Pick<Cluster, 'a' | 'b'>): void {
  it('300 joins, each the first of its room at the gateway, miss nothing behind their ack', async () => {
    const streams = await Promise.all(Array.from({ length: 10 }, () => startStream(gateways().a.url)));
    const perRoom = await Promise.all(
      streams.map(async ({ room }) => {
        // Leaving and joining by turns: gateway B subscribes anew for each join, close behind its unsubscribing.
        const client = await connect(gateways().b.url);
        const joins: HeardAfterJoin[] = [];
        for (let i = 0; i < 30; i++) {
          const since = changesOf(client).length;
          const ack = await command(client, 'room:join', { pin: room.pin });
          joins.push(await listen({ client, ack }, since));
          await command(client, 'room:leave');
        }
        return joins;
      }),
    );
    await Promise.all(streams.map((stream) => stream.stop()));
    perRoom.forEach((joins, i) => {
      expectNothingMissed(joins, streams[i]?.versions ?? []);
    });
    expect(perRoom.flat()).toHaveLength(300);
  });

  it('200 joins of new connections to one room, in crowds at both gateways, miss nothing behind their ack', async () => {
    const stream = await startStream(gateways().a.url);
    const joins: HeardAfterJoin[] = [];
    for (let crowd = 0; crowd < 10; crowd++) {
      const members = Array.from({ length: 20 }, async (_, i) => {
        const member = await playerOf(i % 2 === 0 ? gateways().a.url : gateways().b.url, stream.room);
        const heard = await listen(member);
        member.client.close();
        return heard;
      });
      joins.push(...(await Promise.all(members)));
    }
    await stream.stop();
    expectNothingMissed(joins, stream.versions);
    expect(joins).toHaveLength(200);
  });
}
