import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Ack, eventually, type LooseJson } from '#libs/testing';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import {
  changesOf,
  commandSnapshot,
  createRoom,
  historyOf,
  hostOf,
  memberOf,
  playerOf,
  startOf,
  type TestMember,
} from './support/room.client.js';

const ROOMS = 10;
const RUNS_PER_ROUND = 15;
/** A machine on which a command takes longer than the others does not lose the race in each of so many rounds. */
const MOST_ROUNDS = 6;
const DURATION_MS = 300;
const EXTEND_BY_MS = 40;
/** Commands are sent from so long before the deadline to so long after it (ms); on a busy machine they get there late. */
const EARLIEST_MS = 18;
const LATEST_MS = 10;
/** In every third run they are sent so much earlier (ms) in the first round, twice as much in the second, and so on. */
const EARLIER_MS = 42;
/** Each way in which the race may end must have come about so often. */
const LEAST_OF_EACH = 4;

/** One room after all its rounds: what its members heard and what its two hosts were answered. */
interface Played {
  readonly members: TestMember[];
  readonly acks: { command: string; ack: Ack }[];
}

/** How often the race ended in each way. */
type Endings = Readonly<Record<'expired' | 'stopped' | 'extended' | 'wrongPhase', number>>;

let cluster: Cluster;
let rooms: Played[];
let rounds = 0;

beforeAll(async () => {
  cluster = await startCluster('order');
  rooms = await Promise.all(Array.from({ length: ROOMS }, open));
  do {
    await Promise.all(rooms.map((room, index) => play(room, index)));
    rounds += 1;
  } while (rounds < MOST_ROUNDS && Math.min(...Object.values(endings())) < LEAST_OF_EACH);
});
afterAll(() => cluster?.stop());

/** Two hosts and two players, at two gateways. */
async function open(): Promise<Played> {
  const room = await createRoom(cluster.a.url);
  const host = await hostOf(cluster.a.url, room);
  const coHost = await memberOf(cluster.b.url, room, 'co-host');
  const players = [await playerOf(cluster.a.url, room), await playerOf(cluster.b.url, room)];
  return { members: [host, coHost, ...players], acks: [] };
}

/** One round: each host has a command for every run that meets its deadline. */
async function play({ members, acks }: Played, index: number): Promise<void> {
  const [host, coHost] = members as [TestMember, TestMember];
  for (let i = 0; i < RUNS_PER_ROUND; i++) {
    const run = rounds * RUNS_PER_ROUND + i;
    const starter = run % 2 === 0 ? host : coHost;
    const start = startOf(`q${run}`, { durationMs: DURATION_MS });
    const { runId, endsAt, serverNow } = await commandSnapshot(starter.client, 'question:start', start);
    // The server's clock on this process' own: the ack was made at most a round trip ago.
    const deadline = performance.now() + (endsAt - serverNow);
    const race = async (member: TestMember, number: number) => {
      const command = (number + run) % 2 === 0 ? 'question:stop' : 'question:extend';
      const offset = ((number * 7 + run * 3 + index) % (EARLIEST_MS + LATEST_MS + 1)) - EARLIEST_MS;
      const sendAt = deadline + offset - (run % 3 === 0 ? (rounds + 1) * EARLIER_MS : 0);
      await eventually(() => performance.now() >= sendAt, { everyMs: 1 });
      const payload = command === 'question:stop' ? { runId } : { runId, byMs: EXTEND_BY_MS };
      acks.push({ command, ack: await member.client.call(command, payload) });
    };
    await Promise.all([race(host, 0), race(coHost, 1)]);
    await Promise.all(
      members.map(({ client }) => client.waitFor('question:closed', (event) => event.runId === runId)),
    );
  }
}

function endings(): Endings {
  const closings = rooms.flatMap(({ members }) =>
    (members[0] as TestMember).client.events('question:closed').map(({ payload }) => payload.reason),
  );
  const acks = rooms.flatMap((room) => room.acks);
  return {
    expired: closings.filter((reason) => reason === 'expired').length,
    stopped: closings.filter((reason) => reason === 'stopped').length,
    extended: acks.filter(({ command, ack }) => command === 'question:extend' && ack.ok).length,
    wrongPhase: acks.filter(({ ack }) => ack.error?.code === 'wrong_phase').length,
  };
}

/** The deadline that each event of the room's history found in force, and the event. */
function* withDeadlines(
  member: TestMember,
): Generator<{ event: string; payload: LooseJson; inForce: number }> {
  let inForce = 0;
  for (const { event, payload } of changesOf(member.client)) {
    if (event === 'question:started' || event === 'question:extended') inForce = payload.endsAt;
    yield { event, payload, inForce };
  }
}

describe('300 stops and extensions and more, from two gateways, in a race with the deadline', () => {
  it('are heard in one order by everybody in the room, wherever they are connected', () => {
    for (const { members } of rooms) {
      const [first, ...others] = members.map(({ client }) => historyOf(client));
      for (const other of others) expect(other).toEqual(first);
    }
  });

  it('leave each run closed exactly once, under versions that only grow', () => {
    for (const { members } of rooms) {
      const heard = changesOf((members[0] as TestMember).client);
      const versions = heard.map(({ payload }) => payload.version);
      expect(versions).toEqual([...new Set(versions)].sort((x, y) => x - y));
      const runsOf = (event: string) =>
        heard.filter((one) => one.event === event).map(({ payload }) => payload.runId);
      expect(runsOf('question:started')).toHaveLength(rounds * RUNS_PER_ROUND);
      expect(runsOf('question:closed')).toEqual(runsOf('question:started'));
    }
  });

  it('never make a question expire before the deadline in force, or stop after it', () => {
    for (const { event, payload, inForce } of rooms.flatMap(({ members }) => [
      ...withDeadlines(members[0] as TestMember),
    ])) {
      if (event !== 'question:closed') continue;
      expect(payload.endsAt).toBe(inForce);
      if (payload.reason === 'expired') {
        expect(payload.closedAt).toBe(inForce);
        expect(payload.serverNow).toBeGreaterThanOrEqual(inForce);
      } else {
        expect(payload.reason).toBe('stopped');
        expect(payload.closedAt).toBeLessThan(inForce);
      }
    }
  });

  it('are answered as everybody heard it', () => {
    for (const { members, acks } of rooms) {
      const heard = changesOf((members[0] as TestMember).client);
      for (const { command, ack } of acks) {
        if (!ack.ok) {
          expect(['wrong_phase', 'conflict']).toContain(ack.error?.code);
          continue;
        }
        const told = heard.find(({ payload }) => payload.version === ack.snapshot.version);
        // A stop of a run that has just expired is answered with the expiry.
        expect(told?.event).toBe(command === 'question:stop' ? 'question:closed' : 'question:extended');
        expect(told?.payload.runId).toBe(ack.snapshot.runId);
      }
      expect(acks).toHaveLength(2 * rounds * RUNS_PER_ROUND);
    }
  });

  it('were a race: it was won and lost by deadline, stop and extension', () => {
    for (const count of Object.values(endings())) expect(count).toBeGreaterThanOrEqual(LEAST_OF_EACH);
  });
});
