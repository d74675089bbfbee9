import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Told } from './client.record.js';
import type { Violation } from './fault.tally.js';
import { PromiseChecker } from './promise.checker.js';
import type { RecordSeen } from './room.book.js';

const ROOM = '000room';
const RUN = 1_000;
const ENDS_AT = 5_000;

const told = (fields: Partial<Told>): Told => ({
  roomId: ROOM,
  runId: RUN,
  version: RUN,
  phase: 'open',
  opensAt: RUN,
  endsAt: ENDS_AT,
  tickMs: 500,
  serverNow: RUN,
  ...fields,
});
const idle = told({ runId: null, version: 900, phase: 'idle', opensAt: null, endsAt: null, serverNow: 900 });
const started = told({});
const closed = told({
  version: ENDS_AT,
  phase: 'closed',
  reason: 'expired',
  closedAt: ENDS_AT,
  serverNow: ENDS_AT,
});
const tick = (left: number, version = RUN) => told({ version, serverNow: ENDS_AT - left * 500 });
const record = (fields: Partial<RecordSeen> = {}): RecordSeen => ({
  endsAt: ENDS_AT,
  closedAt: ENDS_AT,
  reason: 'expired',
  text: 'closed',
  settledAt: '6000',
  ...fields,
});

describe('the checker', () => {
  let checker: PromiseChecker;
  let violations: Violation[];
  let gaps: number[];
  let repeatedTicks: number;
  let checkedRuns: number;
  let isBlind: boolean;

  const kinds = () => violations.map(({ kind }) => kind);
  const hear = (client: string, event: string, what: Told, at = what.serverNow + 1) =>
    checker.heard(client, event, what, { at, latestAt: at + 1 });
  const everybodyHears = (event: string, what: Told) => {
    checker.published(event, what);
    hear('host', event, what);
    hear('player', event, what);
  };
  const look = (now: number, seen: RecordSeen | undefined) => {
    const runs = checker.runsToLookAt(now);
    for (const run of runs) checker.looked(run, seen, now);
    return runs;
  };
  /** Both looks, long after the closing. */
  const lookTwice = (seen: RecordSeen | undefined, second = seen) => {
    look(ENDS_AT + 1_500, seen);
    look(ENDS_AT + 20_000, second);
  };

  /** @param standsStillMs how long the machine may stand still */
  const begin = (standsStillMs: number) => {
    violations = [];
    gaps = [];
    repeatedTicks = 0;
    checkedRuns = 0;
    isBlind = false;
    checker = new PromiseChecker(
      {
        onViolation: (violation) => violations.push(violation),
        onClosed: () => {},
        onTickGap: (_, { gapMs }) => gaps.push(gapMs),
        onRepeatedTick: () => {
          repeatedTicks += 1;
        },
        onRunChecked: () => {
          checkedRuns += 1;
        },
      },
      () => isBlind,
      standsStillMs,
    );
    checker.addRoom(ROOM, [
      { name: 'host', ticks: false },
      { name: 'player', ticks: true },
    ]);
    for (const client of ['host', 'player']) {
      checker.connecting(client);
      checker.joined(client, idle, 950);
    }
    everybodyHears('question:started', started);
  };

  beforeEach(() => begin(0));

  it('finds nothing where a run closed once, on time, and everybody heard it', () => {
    for (let left = 7; left >= 1; left -= 1) {
      checker.published('question:tick', tick(left));
      checker.heardTick('player', tick(left), tick(left).serverNow + 1);
    }
    everybodyHears('question:closed', closed);
    lookTwice(record());
    expect(violations).toEqual([]);
    expect(checkedRuns).toBe(1);
    expect(checker.unchecked).toBe(0);
    expect(Math.max(...gaps)).toBe(500);
  });

  describe('lost', () => {
    it('is a run that Redis still has open after its deadline', () => {
      lookTwice(record({ closedAt: null, reason: null }));
      expect(kinds()).toEqual(['lost']);
    });

    it('is a run that Redis has forgotten', () => {
      lookTwice(undefined);
      expect(kinds()).toEqual(['lost']);
    });

    it('is not a run that was extended unheard: its own deadline counts', () => {
      look(ENDS_AT + 1_500, record({ endsAt: ENDS_AT + 2_000, closedAt: null }));
      expect(violations).toEqual([]);
      look(ENDS_AT + 4_000, record({ endsAt: ENDS_AT + 2_000, closedAt: null }));
      expect(kinds()).toEqual(['lost']);
    });

    it('is a closing that a connected client never learned of, by no event and no snapshot', () => {
      checker.published('question:closed', closed);
      hear('host', 'question:closed', closed);
      lookTwice(record());
      expect(kinds()).toEqual(['lost', 'missed']);
    });
  });

  describe('doubled', () => {
    it('is a second closing with another version, whoever hears it', () => {
      everybodyHears('question:closed', closed);
      hear('player', 'question:closed', { ...closed, version: ENDS_AT + 1 });
      expect(kinds()).toEqual(['doubled']);
    });

    it('is the same closing published twice, even if nobody hears the second', () => {
      everybodyHears('question:closed', closed);
      checker.published('question:closed', closed);
      expect(kinds()).toEqual(['doubled']);
    });

    it('is a record that changes after the closing', () => {
      everybodyHears('question:closed', closed);
      lookTwice(record(), record({ text: 'closed again' }));
      expect(kinds()).toEqual(['doubled']);
    });
  });

  describe('early', () => {
    it.each([
      ['by the instant of its publication', closed, { ...closed, serverNow: ENDS_AT - 1 }, undefined],
      ['by its own word', closed, { ...closed, closedAt: ENDS_AT - 1 }, undefined],
      ['by the clock of whoever hears it', closed, closed, ENDS_AT - 5],
    ])('is a closing before its deadline %s', (_, __, heard, at) => {
      hear('player', 'question:closed', heard, at);
      expect(kinds()).toEqual(['early']);
    });

    it('is a closing at the old deadline of a question that was extended', () => {
      checker.acknowledged(told({ version: 2_000, endsAt: ENDS_AT + 700 }));
      hear('player', 'question:closed', closed);
      expect(kinds()).toEqual(['early']);
    });

    it('is a record that says so', () => {
      look(ENDS_AT + 1_500, record({ closedAt: ENDS_AT - 1 }));
      expect(kinds()).toEqual(['early']);
    });

    it('is not a question that was stopped', () => {
      hear('player', 'question:closed', { ...closed, reason: 'stopped', closedAt: 3_000, serverNow: 3_000 });
      expect(violations).toEqual([]);
    });
  });

  describe('repeated and out of order', () => {
    it('are the same event twice, and a lower version after a higher one, on one connection', () => {
      hear('player', 'question:closed', closed);
      hear('player', 'question:closed', closed);
      hear('player', 'question:opened', told({ version: 1_300 }));
      expect(kinds()).toEqual(['repeated', 'outOfOrder']);
    });

    it('are not the same event from the gateway of the next connection', () => {
      hear('player', 'question:closed', closed);
      checker.dropped('player');
      checker.connecting('player');
      checker.joined('player', closed, 5_500);
      hear('player', 'question:closed', closed);
      expect(violations).toEqual([]);
    });

    it('include ticks of an older version, which a stale owner would send', () => {
      everybodyHears('question:closed', closed);
      checker.heardTick('player', tick(1), 5_200);
      expect(kinds()).toEqual(['outOfOrder']);
    });

    it('count a tick that comes twice apart', () => {
      checker.heardTick('player', tick(3), 3_501);
      checker.heardTick('player', tick(3), 3_502);
      expect([violations, repeatedTicks]).toEqual([[], 1]);
    });

    it('include what Redis publishes, whoever hears it', () => {
      checker.published('question:closed', closed);
      checker.published('question:tick', tick(1));
      expect(kinds()).toEqual(['outOfOrder']);
    });
  });

  describe('missed', () => {
    const hostHears = () => {
      checker.published('question:closed', closed);
      hear('host', 'question:closed', closed);
    };

    it('is a closing that a connected client had to ask for', () => {
      hostHears();
      checker.asked('player', closed);
      lookTwice(record());
      expect(kinds()).toEqual(['missed']);
    });

    it('is not what a gateway told by room:state', () => {
      hostHears();
      checker.toldOfGap('player', closed);
      lookTwice(record());
      expect(violations).toEqual([]);
    });

    it('is not what the snapshot of a new connection told', () => {
      checker.dropped('player');
      hostHears();
      checker.connecting('player');
      checker.joined('player', closed, 5_500);
      lookTwice(record());
      expect(violations).toEqual([]);
    });

    it('is not for a client that is away, and is not lost for it either', () => {
      checker.dropped('player');
      hostHears();
      lookTwice(record());
      expect(violations).toEqual([]);
    });

    it('is a closing that Redis has and nobody published, unless nobody listened', () => {
      for (const client of ['host', 'player']) checker.asked(client, closed);
      isBlind = true;
      lookTwice(record());
      expect(violations).toEqual([]);
    });
  });

  it('finds a closing that was never published', () => {
    lookTwice(record());
    expect(kinds()).toEqual(['missed']);
  });

  it('finds a closing that was long on its way', () => {
    hear('player', 'question:closed', closed, ENDS_AT + 2_500);
    expect(kinds()).toEqual(['delayed']);
  });

  describe('where the machine stands still now and then', () => {
    const standsStillMs = 2_000;
    beforeEach(() => begin(standsStillMs));

    it('gives a run that is still open so much longer, and looks again', () => {
      look(ENDS_AT + 1_500, record({ closedAt: null, reason: null }));
      look(ENDS_AT + 3_499, record({ closedAt: null, reason: null }));
      expect(violations).toEqual([]);
      everybodyHears('question:closed', closed);
      look(ENDS_AT + 4_000, record({ closedAt: ENDS_AT + 3_600 }));
      look(ENDS_AT + 20_000, record({ closedAt: ENDS_AT + 3_600 }));
      expect(violations).toEqual([]);
      expect(checkedRuns).toBe(1);
    });

    it('finds a run lost that never closes, or that Redis has forgotten', () => {
      look(ENDS_AT + 1_500, record({ closedAt: null, reason: null }));
      look(ENDS_AT + 3_500, record({ closedAt: null, reason: null }));
      expect(kinds()).toEqual(['lost']);
      begin(standsStillMs);
      look(ENDS_AT + 1_500, undefined);
      expect(kinds()).toEqual(['lost']);
    });

    it('gives a closing so much longer on its way, and no more', () => {
      hear('host', 'question:closed', closed, ENDS_AT + 4_000);
      expect(violations).toEqual([]);
      hear('player', 'question:closed', closed, ENDS_AT + 4_001);
      expect(kinds()).toEqual(['delayed']);
    });
  });

  it('finds an outcome that is not fixed, but gives it time', () => {
    everybodyHears('question:closed', closed);
    look(ENDS_AT + 1_500, record({ settledAt: null }));
    look(ENDS_AT + 5_000, record({ settledAt: null }));
    expect(violations).toEqual([]);
    look(ENDS_AT + 12_000, record({ settledAt: null }));
    expect(kinds()).toEqual(['unsettled']);
  });

  it('measures how long an open question went without a word', () => {
    checker.heardTick('player', tick(6), 2_000);
    checker.heardTick('player', tick(2), 4_000);
    everybodyHears('question:closed', closed);
    // Idle until 7,000: that is nobody's gap.
    const next = { runId: 7_000, opensAt: 7_000, endsAt: 9_000 };
    checker.published('question:started', told({ ...next, version: 7_000, serverNow: 7_000 }));
    checker.heardTick('player', told({ ...next, version: 7_000, serverNow: 7_500 }), 7_501);
    expect(gaps).toEqual([999, 2_000, 501]);
  });

  it('looks at a run only after its deadline, and at a closed one twice', () => {
    everybodyHears('question:closed', closed);
    const instants = [1_000, 1_500, 1_600, 4_000, 60_000].map((after) => ENDS_AT + after);
    expect(instants.map((now) => look(now, record()).length)).toEqual([0, 1, 0, 1, 0]);
  });
});
