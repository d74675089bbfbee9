import { beforeEach, describe, expect, it } from '@jest/globals';
import { EventLedger } from './event.ledger.js';

const RUN = 11;
const GOOD = { outOfOrder: 0, repeated: 0, missed: 0, doubled: 0, findings: [] };

const started = { event: 'question:started', version: 11, runId: RUN };
const opened = { event: 'question:opened', version: 12, runId: RUN };
const closed = { event: 'question:closed', version: 20, runId: RUN };
const run = [started, opened, closed];

const isOpened = { event: 'question:opened', runId: RUN };
const isClosed = { event: 'question:closed', runId: RUN };

/** A snapshot from before the run, unless it says otherwise. */
const stateAt = (version: number, more: { runId?: number; phase?: string } = {}) => ({
  version,
  runId: null,
  phase: 'idle',
  ...more,
});
const closedState = stateAt(20, { runId: RUN, phase: 'closed' });

describe('the ledger of what everybody heard', () => {
  let ledger: EventLedger;

  const hear = (member: string, ...events: (typeof started)[]) => {
    for (const event of events) ledger.heard(member, event);
  };

  beforeEach(() => {
    ledger = new EventLedger();
    for (const member of ['ann', 'bob']) ledger.joined(member, stateAt(5));
  });

  it('finds nothing where everybody heard everything once and in order', () => {
    hear('ann', ...run);
    hear('bob', started, opened);
    ledger.heardTick('bob', 12, 2);
    ledger.heardTick('bob', 12, 1);
    hear('bob', closed);
    for (const { event } of run) ledger.require({ event, runId: RUN });
    expect(ledger.report()).toEqual(GOOD);
    expect(ledger.allKnow(['ann', 'bob'], isClosed)).toBe(true);
  });

  it('finds an event that one of them did not hear', () => {
    hear('ann', ...run);
    hear('bob', started, closed);
    expect(ledger.report()).toEqual({ ...GOOD, missed: 1, findings: ['bob missed question:opened@12'] });
    expect(ledger.allKnow(['ann', 'bob'], isOpened)).toBe(false);
  });

  it('finds an event that nobody heard although it had to happen', () => {
    hear('ann', started, opened);
    hear('bob', started, opened);
    ledger.require(isClosed);
    expect(ledger.report()).toMatchObject({
      missed: 2,
      findings: ['nobody heard question:closed of run 11'],
    });
  });

  it('finds a run that closed twice, once however many heard it', () => {
    hear('ann', ...run, { ...closed, version: 21 });
    hear('bob', ...run, { ...closed, version: 21 });
    expect(ledger.report()).toEqual({ ...GOOD, doubled: 1, findings: ['run 11 closed 2 times'] });
  });

  it('lets a question close once in each of its runs', () => {
    const second = [started, opened, closed].map((one) => ({ ...one, version: one.version + 20, runId: 31 }));
    hear('ann', ...run, ...second);
    hear('bob', ...run, ...second);
    expect(ledger.report()).toEqual(GOOD);
  });

  it('finds an event that came twice, and does not take it for a second closing', () => {
    hear('ann', ...run, closed);
    hear('bob', ...run);
    expect(ledger.report()).toMatchObject({ repeated: 1, doubled: 0, outOfOrder: 0 });
  });

  it('finds events that changed places', () => {
    hear('ann', opened, started, closed);
    hear('bob', ...run);
    expect(ledger.report()).toEqual({
      ...GOOD,
      outOfOrder: 1,
      findings: ['ann heard question:started@11 after version 12'],
    });
  });

  it('finds a tick of an old plan and a tick that came twice, as two owners would send it', () => {
    hear('ann', ...run);
    hear('bob', ...run);
    ledger.heardTick('ann', 12, 1);
    expect(ledger.report()).toMatchObject({ outOfOrder: 1, repeated: 0 });
    const second = { event: 'question:started', version: 31, runId: 31 };
    hear('ann', second);
    hear('bob', second);
    for (const member of ['ann', 'bob', 'bob']) ledger.heardTick(member, 31, 3);
    expect(ledger.report()).toMatchObject({ outOfOrder: 1, repeated: 1, missed: 0 });
  });

  it('owes a member nothing from before its join', () => {
    hear('ann', ...run);
    hear('bob', ...run);
    ledger.joined('cleo', stateAt(12));
    expect(ledger.report()).toMatchObject({ missed: 1, findings: ['cleo missed question:closed@20'] });
    hear('cleo', closed);
    expect(ledger.report()).toEqual(GOOD);
  });

  it('takes what a join tells for what the drop before it had cost', () => {
    hear('ann', ...run);
    hear('bob', started);
    ledger.dropped('bob');
    ledger.joined('bob', stateAt(20));
    expect(ledger.report()).toEqual(GOOD);
  });

  it('takes it so even where the newest event overtook the acknowledgement of the join', () => {
    hear('ann', ...run);
    hear('bob', started);
    ledger.dropped('bob');
    hear('bob', closed);
    ledger.joined('bob', stateAt(20));
    expect(ledger.report()).toEqual(GOOD);
  });

  it('still finds what was missed while the connection stood', () => {
    hear('ann', ...run);
    hear('bob', opened);
    ledger.dropped('bob');
    ledger.joined('bob', stateAt(20));
    expect(ledger.report()).toMatchObject({ missed: 1, findings: ['bob missed question:started@11'] });
  });

  it('finds all that a member missed that never came back', () => {
    hear('ann', ...run);
    hear('bob', started);
    ledger.dropped('bob');
    expect(ledger.report()).toMatchObject({ missed: 2 });
  });

  it('lets another gateway send once more what the last one had sent', () => {
    hear('ann', ...run);
    hear('bob', started, opened);
    ledger.dropped('bob');
    ledger.joined('bob', stateAt(12));
    hear('bob', opened, closed);
    expect(ledger.report()).toEqual(GOOD);
  });

  it('takes the state that a gateway tells after a gap of its own for what is in it', () => {
    hear('ann', ...run);
    ledger.told('bob', stateAt(12));
    hear('bob', closed);
    expect(ledger.report()).toEqual(GOOD);
  });

  it('names at most 20 findings, and counts them all', () => {
    for (let version = 100; version < 150; version += 1) hear('ann', { ...started, version, runId: version });
    const { missed, findings } = ledger.report();
    expect([missed, findings.length]).toEqual([50, 20]);
  });

  describe('of what came while nobody had a connection', () => {
    beforeEach(() => {
      for (const member of ['ann', 'bob']) {
        hear(member, started, opened);
        ledger.dropped(member);
      }
      ledger.require(isClosed);
    });

    it('takes the closing for told where the snapshots of their joins say so', () => {
      ledger.joined('ann', closedState);
      expect(ledger.allKnow(['ann', 'bob'], isClosed)).toBe(false);
      ledger.joined('bob', closedState);
      expect(ledger.allKnow(['ann', 'bob'], isClosed)).toBe(true);
      expect(ledger.report()).toEqual(GOOD);
    });

    it('finds the one who was not told, and everybody if nobody was', () => {
      expect(ledger.report()).toMatchObject({
        missed: 2,
        findings: ['nobody heard question:closed of run 11'],
      });
      ledger.joined('ann', closedState);
      // Still open, or the closing of an earlier run: neither tells this one.
      for (const state of [
        stateAt(12, { runId: RUN, phase: 'open' }),
        stateAt(13, { runId: RUN - 5, phase: 'closed' }),
      ]) {
        ledger.joined('bob', state);
        expect(ledger.report()).toMatchObject({
          missed: 1,
          findings: ['bob was not told of question:closed of run 11'],
        });
      }
    });

    it('takes a later run for told that this one is over', () => {
      const later = stateAt(40, { runId: 31, phase: 'open' });
      for (const member of ['ann', 'bob']) ledger.joined(member, later);
      expect(ledger.report()).toEqual(GOOD);
    });

    it("takes an opening for told by any state after the lead-in, and a host's act by its version", () => {
      ledger = new EventLedger();
      const isPaused = { event: 'question:paused', runId: RUN, version: 15 };
      for (const required of [isOpened, isPaused]) ledger.require(required);
      for (const member of ['ann', 'bob'])
        ledger.joined(member, stateAt(11, { runId: RUN, phase: 'lead-in' }));
      expect(ledger.report()).toMatchObject({ missed: 4 });
      for (const member of ['ann', 'bob']) ledger.told(member, stateAt(14, { runId: RUN, phase: 'open' }));
      expect(ledger.report()).toMatchObject({ missed: 2 });
      for (const member of ['ann', 'bob']) ledger.told(member, stateAt(15, { runId: RUN, phase: 'paused' }));
      expect(ledger.report()).toEqual(GOOD);
    });

    it('finds a run that is told to have closed at two instants', () => {
      for (const member of ['ann', 'bob']) ledger.joined(member, closedState);
      for (const at of [1_000, 1_000]) ledger.closedAt(RUN, at);
      expect(ledger.report()).toEqual(GOOD);
      ledger.closedAt(RUN, 1_001);
      expect(ledger.report()).toEqual({
        ...GOOD,
        doubled: 1,
        findings: ['run 11 closed at 1000 and at 1001'],
      });
    });
  });
});
