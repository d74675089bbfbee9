import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ErrorCode, PHASES, type Phase } from '#libs/protocol/wire';
import { type Cluster, startCluster } from './support/cluster.harness.js';
import { expectRefused } from './support/refusal.matcher.js';
import {
  changesOf,
  closeAllClients,
  command,
  commandSnapshot,
  createRoom,
  heardVersion,
  hostOf,
  memberOf,
  startOf,
  syncWithVersion,
  type TestMember,
} from './support/room.client.js';

type Cell = ErrorCode | Phase;

/** What each command meets in each phase: a refusal, or the phase that it leads to. The table of the contract. */
const TABLE: Record<string, { payload: object; cells: Record<Phase, Cell> }> = {
  'question:start': {
    payload: startOf('next'),
    cells: {
      idle: 'open',
      closed: 'open',
      'lead-in': 'question_active',
      open: 'question_active',
      paused: 'question_active',
    },
  },
  'question:pause': {
    payload: {},
    cells: {
      idle: 'wrong_phase',
      closed: 'wrong_phase',
      'lead-in': 'wrong_phase',
      open: 'paused',
      paused: 'wrong_phase',
    },
  },
  'question:resume': {
    payload: {},
    cells: {
      idle: 'wrong_phase',
      closed: 'wrong_phase',
      'lead-in': 'wrong_phase',
      open: 'wrong_phase',
      paused: 'open',
    },
  },
  'question:extend': {
    payload: { byMs: 1_000 },
    cells: {
      idle: 'wrong_phase',
      closed: 'wrong_phase',
      'lead-in': 'lead-in',
      open: 'open',
      paused: 'paused',
    },
  },
  'question:stop': {
    payload: {},
    cells: {
      idle: 'wrong_phase',
      closed: 'wrong_phase',
      'lead-in': 'closed',
      open: 'closed',
      paused: 'closed',
    },
  },
};

/** The commands that bring a new room into a phase. */
const WAYS: Record<Phase, [string, object][]> = {
  idle: [],
  'lead-in': [['question:start', startOf('first', { leadInMs: 60_000 })]],
  open: [['question:start', startOf('first')]],
  paused: [
    ['question:start', startOf('first')],
    ['question:pause', {}],
  ],
  closed: [
    ['question:start', startOf('first')],
    ['question:stop', {}],
  ],
};

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster('phases');
});
afterEach(closeAllClients);
afterAll(() => cluster?.stop());

/** A new room in that phase: its host at gateway A, a co-host at gateway B. */
async function roomIn(phase: Phase): Promise<{ host: TestMember; coHost: TestMember }> {
  const room = await createRoom(cluster.a.url);
  const host = await hostOf(cluster.a.url, room);
  for (const [event, payload] of WAYS[phase]) {
    const { version } = await commandSnapshot(host.client, event, payload);
    await heardVersion(host.client, version);
  }
  const coHost = await memberOf(cluster.b.url, room, 'co-host');
  expect(coHost.ack.snapshot.phase).toBe(phase);
  return { host, coHost };
}

describe.each(PHASES.map((phase) => ({ phase })))('while the question is $phase', ({ phase }) => {
  it.each(Object.keys(TABLE))('%s meets what the contract says', async (event) => {
    const { payload, cells } = TABLE[event] as (typeof TABLE)[string];
    const { host, coHost } = await roomIn(phase);
    const expected = cells[phase];
    const heard = changesOf(host.client).length;
    if ((PHASES as readonly string[]).includes(expected)) {
      const snapshot = await commandSnapshot(coHost.client, event, payload);
      expect(snapshot.phase).toBe(expected);
      expect((await heardVersion(host.client, snapshot.version)).payload.phase).toBe(expected);
      return;
    }
    const before = (await syncWithVersion(coHost.client)).version;
    expectRefused(await coHost.client.call(event, payload), expected as ErrorCode);
    // A refused command changes nothing, so nobody hears of it.
    expect((await syncWithVersion(coHost.client)).version).toBe(before);
    expect(changesOf(host.client)).toHaveLength(heard);
  });

  it('room:close ends it', async () => {
    const { host, coHost } = await roomIn(phase);
    await command(coHost.client, 'room:close');
    await host.client.waitFor('room:closed');
    const isActive = phase !== 'idle' && phase !== 'closed';
    const closings = host.client
      .events('question:closed')
      .filter(({ payload }) => payload.reason === 'room-closed');
    expect(closings).toHaveLength(isActive ? 1 : 0);
  });
});
