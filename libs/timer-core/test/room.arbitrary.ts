import fc from 'fast-check';
import {
  advance,
  type Change,
  type Command,
  type Decision,
  decide,
  decideDue,
  durationMs,
  type EpochMs,
  epochMs,
  newRoom,
  nextAt,
  type RoomState,
  type RunId,
  version,
} from '../src/index.js';

/** The instant at which the rooms of these tests are made. */
export const T0 = 1_700_000_000_000;

/** `ms` after the making of the room. */
export const at = (ms: number): EpochMs => epochMs(T0 + ms);

export const NOBODY = epochMs(0);

export const IDLE_MS = 3_600_000;

/** Frozen to the bottom, so that changing anything in it throws. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

export const emptyRoom = (idleMs = IDLE_MS): RoomState =>
  frozen(newRoom({ roomId: '000abcdefghijklmnopqrstu', pin: '123456', idleMs: durationMs(idleMs), now: at(0) }));

interface Given {
  readonly actor?: string;
  readonly commandId?: string;
}

interface GivenForRun extends Given {
  readonly runId?: RunId;
}

interface GivenStart extends Given {
  readonly questionId?: string;
  readonly durationMs?: number;
  readonly leadInMs?: number;
  readonly graceMs?: number;
  readonly tickMs?: number;
  readonly startAt?: number;
}

/** Commands of `host` with everyday values where none are given. */
export const a = {
  start: ({ startAt, durationMs: length = 20_000, leadInMs = 0, graceMs = 0, tickMs = 1_000, ...rest }: GivenStart = {}): Command => ({
    type: 'question:start',
    actor: 'host',
    questionId: 'q1',
    ...rest,
    durationMs: durationMs(length),
    leadInMs: durationMs(leadInMs),
    graceMs: durationMs(graceMs),
    tickMs: durationMs(tickMs),
    ...(startAt === undefined ? {} : { startAt: epochMs(startAt) }),
  }),
  pause: (given: GivenForRun = {}): Command => ({ type: 'question:pause', actor: 'host', ...given }),
  resume: (given: GivenForRun = {}): Command => ({ type: 'question:resume', actor: 'host', ...given }),
  stop: (given: GivenForRun = {}): Command => ({ type: 'question:stop', actor: 'host', ...given }),
  extend: (byMs: number, given: GivenForRun = {}): Command => ({
    type: 'question:extend',
    actor: 'host',
    byMs: durationMs(byMs),
    ...given,
  }),
  close: (given: Given = {}): Command => ({ type: 'room:close', actor: 'host', ...given }),
};

/** The change that a command makes; throws when it makes none. */
export function done(state: RoomState, command: Command, ms: number): Change {
  const decision = decide(state, command, at(ms), NOBODY);
  if (decision.kind !== 'change') throw new Error(`${command.type} at ${ms} was answered ${JSON.stringify(decision)}`);
  return frozen(decision);
}

/** The room after these commands, each at its instant (ms after the making of the room). */
export const roomAfter = (...acts: readonly (readonly [ms: number, command: Command])[]): RoomState =>
  acts.reduce((state, [ms, command]) => done(state, command, ms).state, emptyRoom());

/** A room in each phase at 5,000 ms, and the instant from which it is in it. */
export const rooms = {
  idle: () => emptyRoom(),
  'lead-in': () => roomAfter([1_000, a.start({ leadInMs: 10_000 })]),
  open: () => roomAfter([1_000, a.start()]),
  paused: () => roomAfter([1_000, a.start()], [3_000, a.pause()]),
  closed: () => roomAfter([1_000, a.start()], [3_000, a.stop()]),
};

/** How long after the last act the next one follows: a length, or relative to the room's own next instant. */
type Gap = number | 'to-next' | 'before-next' | 'long-after-next';

type Act =
  | { readonly kind: 'advance' | 'due' }
  | { readonly kind: 'command'; readonly command: Command; readonly run: 'unnamed' | 'current' | 'another' };

export interface Step {
  readonly gap: Gap;
  /** Whether somebody is connected at this instant. */
  readonly occupied: boolean;
  readonly act: Act;
}

const given = fc.record({
  actor: fc.constantFrom('host', 'co-host'),
  // Few names, so that some come twice.
  commandId: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), { nil: undefined, freq: 2 }),
});

const commandType = fc.record({ given, byMs: fc.integer({ min: -4_000, max: 4_000 }).filter((ms) => ms !== 0) });

const startCommand = fc
  .record({
    given,
    questionId: fc.constantFrom('q1', 'q2'),
    durationMs: fc.integer({ min: 100, max: 6_000 }),
    leadInMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2_000 })),
    graceMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1_500 })),
    tickMs: fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 1_500 })),
  })
  .map(({ given: who, ...values }) => a.start({ ...who, ...values }));

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: startCommand },
  { weight: 3, arbitrary: given.map((who) => a.pause(who)) },
  { weight: 4, arbitrary: given.map((who) => a.resume(who)) },
  { weight: 3, arbitrary: commandType.map(({ given: who, byMs }) => a.extend(byMs, who)) },
  { weight: 1, arbitrary: given.map((who) => a.stop(who)) },
);

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ kind: 'advance' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'due' } as const) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('command' as const),
      command,
      run: fc.constantFrom('unnamed', 'unnamed', 'current', 'current', 'another'),
    }),
  },
  { weight: 0.2, arbitrary: given.map((who) => ({ kind: 'command', command: a.close(who), run: 'unnamed' }) as const) },
);

const gap: fc.Arbitrary<Gap> = fc.oneof(
  fc.constantFrom<Gap[]>('to-next', 'before-next', 'long-after-next'),
  fc.constantFrom(0, 1),
  fc.integer({ min: 0, max: 3_000 }),
);

/** What may happen to one room: commands of two actors, time that passes, an owner that comes late. */
export const steps: fc.Arbitrary<Step[]> = fc.array(fc.record({ gap, occupied: fc.boolean(), act }), {
  minLength: 1,
  maxLength: 30,
});

/** Idle times from "sooner than a run settles" to "never in this test". */
export const idleTime: fc.Arbitrary<number> = fc.constantFrom(1_000, 5_000, IDLE_MS);

/** One step as it went. */
export interface Played {
  readonly now: EpochMs;
  readonly occupiedAt: EpochMs;
  readonly before: RoomState;
  /** The command that was given, if one was. */
  readonly command: Command | null;
  readonly decision: Decision | null;
  /** What was committed, if anything was. */
  readonly change: Change | null;
  readonly after: RoomState;
}

function instantOf(step: Step, state: RoomState, now: EpochMs): EpochMs {
  if (typeof step.gap === 'number') return epochMs(now + step.gap);
  const next = nextAt(state) ?? now;
  const shift = { 'to-next': 0, 'before-next': -1, 'long-after-next': 700 }[step.gap];
  return epochMs(Math.max(now, next + shift));
}

function commandOf({ command: bare, run }: Act & { kind: 'command' }, state: RoomState): Command {
  if (run === 'unnamed' || bare.type === 'question:start' || bare.type === 'room:close') return bare;
  const current = state.question?.runId ?? version(T0 - 5);
  return { ...bare, runId: run === 'current' ? current : version(current - 1) };
}

/** Plays the steps on a new room, committing every change. All states are frozen. */
export function play(all: readonly Step[], idleMs = IDLE_MS): Played[] {
  let state = emptyRoom(idleMs);
  let now = at(0);
  let occupiedAt = NOBODY;
  return all.map((step) => {
    const before = state;
    now = instantOf(step, state, now);
    if (step.occupied) occupiedAt = now;
    const asked = step.act.kind === 'command' ? commandOf(step.act, before) : null;
    const decision = asked === null ? null : frozen(decide(before, frozen(asked), now, occupiedAt));
    const passed = step.act.kind === 'due' ? decideDue(before, now, occupiedAt) : advance(before, now, occupiedAt);
    const change = decision === null ? frozen(passed) : decision.kind === 'change' ? decision : null;
    state = change?.state ?? before;
    return { now, occupiedAt, before, command: asked, decision, change, after: state };
  });
}

/** Everything that a room's members heard, with the instant of the commit. */
export const heard = (history: readonly Played[]) =>
  history.flatMap(({ change, now }) => (change?.events ?? []).map((event) => ({ event, now })));
