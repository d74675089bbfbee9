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
  type Phase,
  phaseOf,
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
  frozen(
    newRoom({ roomId: '000abcdefghijklmnopqrstu', pin: '123456', idleMs: durationMs(idleMs), now: at(0) }),
  );

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
  start: ({
    startAt,
    durationMs: length = 20_000,
    leadInMs = 0,
    graceMs = 0,
    tickMs = 1_000,
    ...rest
  }: GivenStart = {}): Command => ({
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
  if (decision.kind !== 'change')
    throw new Error(`${command.type} at ${ms} was answered ${JSON.stringify(decision)}`);
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

/** A command for each phase in which the room may be found. */
type Choice = Readonly<Record<Phase, Command>>;

type Act =
  | { readonly kind: 'advance' | 'due' }
  | { readonly kind: 'command'; readonly choice: Choice; readonly run: 'unnamed' | 'current' | 'another' }
  /** The newest command that carried an id once more. */
  | { readonly kind: 'again' };

export interface Step {
  readonly gap: Gap;
  /** Whether somebody is connected at this instant. */
  readonly occupied: boolean;
  readonly act: Act;
}

const given = fc.record({
  actor: fc.constantFrom('host', 'co-host'),
  // Few enough that some come twice.
  commandId: fc.option(
    fc.nat({ max: 30 }).map((i) => `c${i}`),
    { nil: undefined, freq: 2 },
  ),
});

const start = fc
  .record({
    given,
    questionId: fc.constantFrom('q1', 'q2'),
    durationMs: fc.integer({ min: 100, max: 6_000 }),
    leadInMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2_000 })),
    graceMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1_500 })),
    tickMs: fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 1_500 })),
  })
  .map(({ given: who, ...values }) => a.start({ ...who, ...values }));
const pause = given.map((who) => a.pause(who));
const resume = given.map((who) => a.resume(who));
const stop = given.map((who) => a.stop(who));
const extend = fc
  .record({ given, byMs: fc.integer({ min: -4_000, max: 4_000 }).filter((ms) => ms !== 0) })
  .map(({ given: who, byMs }) => a.extend(byMs, who));

const often = (arbitrary: fc.Arbitrary<Command>, weight = 4) => ({ weight, arbitrary });

/** Mostly what is possible in the phase, so that rooms get far. */
const fitting: fc.Arbitrary<Choice> = fc.record({
  idle: start,
  closed: fc.oneof(often(start), often(stop, 1)),
  'lead-in': fc.oneof(often(extend), often(stop, 1)),
  open: fc.oneof(often(pause), often(extend), often(stop, 1)),
  paused: fc.oneof(often(resume), often(extend, 2), often(stop, 1)),
});

const same = (command: Command): Choice => ({
  idle: command,
  'lead-in': command,
  open: command,
  paused: command,
  closed: command,
});

const commandOf = (choice: fc.Arbitrary<Choice>): fc.Arbitrary<Act> =>
  fc.record({
    kind: fc.constant('command' as const),
    choice,
    run: fc.constantFrom('unnamed', 'unnamed', 'current', 'current', 'another'),
  });

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Act[]>({ kind: 'advance' }, { kind: 'due' }) },
  { weight: 20, arbitrary: commandOf(fitting) },
  { weight: 5, arbitrary: commandOf(fc.oneof(start, pause, resume, extend, stop).map(same)) },
  { weight: 3, arbitrary: fc.constant<Act>({ kind: 'again' }) },
  { weight: 1, arbitrary: commandOf(given.map((who) => same(a.close(who)))) },
);

const gap: fc.Arbitrary<Gap> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Gap[]>('to-next', 'before-next', 'long-after-next') },
  { weight: 1, arbitrary: fc.constantFrom(0, 1) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 1_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 6_000 }) },
);

/** What may happen to one room: commands of two actors, time that passes, an owner that comes late. */
export const steps: fc.Arbitrary<Step[]> = fc.array(fc.record({ gap, occupied: fc.boolean(), act }), {
  minLength: 1,
  // No more than a room remembers commands.
  maxLength: 30,
  size: 'max',
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

function commandIn(step: Step, state: RoomState, earlier: readonly Command[]): Command | null {
  if (step.act.kind === 'again') return earlier.findLast(({ commandId }) => commandId !== undefined) ?? null;
  if (step.act.kind !== 'command') return null;
  const command = step.act.choice[phaseOf(state)];
  const { run } = step.act;
  if (run === 'unnamed' || command.type === 'question:start' || command.type === 'room:close') return command;
  const current = state.question?.runId ?? version(T0 - 5);
  return { ...command, runId: run === 'current' ? current : version(current - 1) };
}

/** Plays the steps on a new room, committing every change. All states are frozen. */
export function play(all: readonly Step[], idleMs = IDLE_MS): Played[] {
  let state = emptyRoom(idleMs);
  let now = at(0);
  let occupiedAt = NOBODY;
  const earlier: Command[] = [];
  return all.map((step) => {
    const before = state;
    now = instantOf(step, state, now);
    if (step.occupied) occupiedAt = now;
    const command = frozen(commandIn(step, before, earlier));
    if (command !== null) earlier.push(command);
    const decision = command === null ? null : frozen(decide(before, command, now, occupiedAt));
    const passed =
      step.act.kind === 'due' ? decideDue(before, now, occupiedAt) : advance(before, now, occupiedAt);
    const change = decision === null ? frozen(passed) : decision.kind === 'change' ? decision : null;
    state = change?.state ?? before;
    return { now, occupiedAt, before, command, decision, change, after: state };
  });
}

/** Everything that a room's members heard, with the instant of the commit. */
export const heard = (history: readonly Played[]) =>
  history.flatMap(({ change, now }) => (change?.events ?? []).map((event) => ({ event, now })));
