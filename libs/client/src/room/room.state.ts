import type { ClockState, RoomState } from '../client.types.js';
import type { OwnAnswer, ServerEventPayload, Snapshot, Verdict } from '../wire.types.js';
import type { Joined } from './wire.reader.js';

/** Before anything is known. */
export const INITIAL_STATE: RoomState = {
  connection: 'connecting',
  isSyncing: false,
  end: null,
  refusal: null,
  me: null,
  question: null,
  answer: null,
  presence: null,
  answersCount: null,
  clock: { isSynchronised: false, errorMs: null, samples: 0, hasTicks: false },
};

/** The state with these fields; the same object if that changes nothing. */
export function withFields(state: RoomState, fields: Partial<RoomState>): RoomState {
  const isSame = Object.entries(fields).every(([key, value]) =>
    Object.is(state[key as keyof RoomState], value),
  );
  return isSame ? state : { ...state, ...fields };
}

/**
 * Whether a state comes after the one that is known. Of the same version the later one counts: time alone opens and closes a
 * question before that has a version of its own.
 */
export function isNewer(known: Snapshot | null, next: Snapshot): boolean {
  if (known === null || next.version > known.version) return true;
  return next.version === known.version && next.serverNow >= known.serverNow;
}

/** Adopts the room's question, if it is not older than the known one. Content and answer belong to a run. */
export function withQuestion(state: RoomState, next: Snapshot): RoomState {
  const { question: known, me } = state;
  if (!isNewer(known, next) || (me !== null && next.roomId !== me.roomId)) return state;
  if (known === null || known.runId !== next.runId) {
    return { ...state, question: next, answer: null, answersCount: null };
  }
  const content = known.content ?? next.content;
  const isSame =
    known.version === next.version && known.serverNow === next.serverNow && known.content === content;
  if (isSame) return state;
  return { ...state, question: content === undefined ? next : { ...next, content } };
}

/** Adopts a player's own answer to the current run: the accepted one, else the last one that was refused. */
export function withAnswer(state: RoomState, next: OwnAnswer): RoomState {
  const { answer: known, question } = state;
  const isOfRun = question !== null && question.runId === next.runId;
  // A duplicate says nothing new of the first answer, and not what was chosen in it.
  if (!isOfRun || next.verdict === 'duplicate' || next.verdict === 'wrong_question') return state;
  if (known?.verdict === 'accepted') {
    if (next.verdict !== 'accepted' || next.receivedAt < known.receivedAt || isSameAnswer(known, next))
      return state;
  }
  return { ...state, answer: next };
}

function isSameAnswer(one: OwnAnswer, other: OwnAnswer): boolean {
  return (
    one.verdict === other.verdict &&
    one.receivedAt === other.receivedAt &&
    JSON.stringify(one.choice) === JSON.stringify(other.choice)
  );
}

/** What a join told. */
export function withJoined(state: RoomState, joined: Joined): RoomState {
  const { roomId, pin, playerId, role, name, snapshot, answer } = joined;
  const { me } = state;
  const isSame =
    me !== null && me.playerId === playerId && me.role === role && me.name === name && me.pin === pin;
  // Somebody else now, as by a PIN instead of a token that is no longer good: the answer was not theirs.
  const known = me === null || me.playerId === playerId ? state.answer : null;
  const entered = isSame ? state : { ...state, me: { roomId, pin, playerId, role, name }, answer: known };
  const asked = withQuestion(entered, snapshot);
  return answer === undefined ? asked : withAnswer(asked, answer);
}

export function withPresence(state: RoomState, presence: ServerEventPayload<'room:presence'>): RoomState {
  return { ...state, presence };
}

/** How many answered; of another question it says nothing. */
export function withCount(
  state: RoomState,
  { questionId, count }: ServerEventPayload<'answers:count'>,
): RoomState {
  if (state.question?.questionId !== questionId) return state;
  return withFields(state, { answersCount: count });
}

export function withClock(state: RoomState, clock: ClockState): RoomState {
  const known = state.clock;
  const isSame =
    known.isSynchronised === clock.isSynchronised &&
    known.errorMs === clock.errorMs &&
    known.samples === clock.samples &&
    known.hasTicks === clock.hasTicks;
  return isSame ? state : { ...state, clock };
}

/**
 * Whether an answer to the current run may be judged so in the state that is known; if not, something of it was missed.
 *
 * @param now the server's instant, epoch milliseconds; null if it is not known
 */
export function fitsVerdict({ question, answer }: RoomState, verdict: Verdict, now: number | null): boolean {
  if (question === null) return true;
  const { phase, opensAt, endsAt } = question;
  const hasOpened =
    phase === 'open' || (phase === 'lead-in' && now !== null && opensAt !== null && now >= opensAt);
  switch (verdict) {
    case 'accepted':
      // One that was received in time counts, though the closing was heard first.
      return hasOpened || phase === 'closed';
    case 'duplicate':
      return answer?.verdict === 'accepted';
    case 'not_open':
      return phase !== 'open';
    case 'paused':
      return phase === 'paused';
    case 'late':
      return phase === 'closed' || (phase === 'open' && now !== null && endsAt !== null && now >= endsAt);
    case 'wrong_question':
    case 'not_eligible':
      return false;
    default:
      return verdict satisfies never;
  }
}
