import { andThen, type Change, changeQuestion, closeQuestion, closeRoom, noChange } from './change.js';
import { isActive, type RoomState } from './room.state.js';
import { after, type EpochMs, earliest, epochMs, latest, nextVersion } from './units.js';

/** When the room ends because nobody is there, if nobody comes and nothing starts. Null while a question is active. */
function idleEndAt(state: RoomState, occupiedAt: EpochMs): EpochMs | null {
  if (isActive(state.question)) return null;
  return latest(after(latest(state.idleSinceAt, occupiedAt), state.idleMs), state.unsettledUntilAt);
}

/**
 * Lets time pass: opens after the lead-in, closes at the deadline, ends an idle room. Pure; repeated calls with a
 * growing `now` give the same as one with the last. A change by time has the version of the instant at which it was due,
 * not of the one at which it was noticed: so whoever tells it before it is committed tells the version that its commit
 * will have.
 *
 * @param occupiedAt the last instant at which somebody was known to be connected (`now` when somebody is)
 */
export function advance(state: RoomState, now: EpochMs, occupiedAt: EpochMs): Change {
  if (state.closed !== null) return noChange(state);
  const { question } = state;
  if (question?.phase === 'lead-in' && now >= question.opensAt) {
    const { opensAt } = question;
    const opened = changeQuestion(state, 'question:opened', { ...question, phase: 'open' }, opensAt);
    return andThen({ ...opened, notBeforeAt: opensAt }, (next) => advance(next, now, occupiedAt));
  }
  if (question?.phase === 'open' && now >= question.endsAt) {
    const { endsAt } = question;
    const closed = closeQuestion(state, { reason: 'expired', closedAt: endsAt }, endsAt);
    return andThen({ ...closed, notBeforeAt: endsAt }, (next) => advance(next, now, occupiedAt));
  }
  const idleEnd = idleEndAt(state, occupiedAt);
  if (idleEnd !== null && now >= idleEnd)
    return { ...closeRoom(state, 'idle', idleEnd), notBeforeAt: idleEnd };
  return noChange(state);
}

/**
 * The earliest instant at which time alone may change the room; null when it never does. For an idle room it is the end
 * that would hold if nobody had been connected since, so it may come too early, never too late.
 */
export function nextAt(state: RoomState): EpochMs | null {
  if (state.closed !== null) return null;
  const { question } = state;
  if (question?.phase === 'lead-in') return question.opensAt;
  if (question?.phase === 'open') return question.endsAt;
  return idleEndAt(state, epochMs(0));
}

/**
 * What the owner commits at a room's due instant: what time changed, or, when the room is idle but somebody has been
 * connected meanwhile, the same room with a later end. Null when nothing is due.
 */
export function decideDue(state: RoomState, now: EpochMs, occupiedAt: EpochMs): Change | null {
  const due = nextAt(state);
  if (due === null || now < due) return null;
  const change = advance(state, now, occupiedAt);
  if (change.events.length > 0) return change;
  const idleSinceAt = latest(state.idleSinceAt, occupiedAt);
  return noChange({ ...state, idleSinceAt, version: nextVersion(state.version, now) });
}

/**
 * The instant before which a decision on `before` at `now`, which led to `afterwards`, must be committed on the Redis
 * clock. At that instant time changes one of the two, and the decision has to be made again.
 *
 * @param holdsMs the bound that holds whatever the states say
 */
export function notAfterAt(before: RoomState, afterwards: RoomState, now: EpochMs, holdsMs: number): EpochMs {
  // A passed instant is the lower bound of an idle end that somebody's presence has moved: it changes nothing.
  const ahead = [nextAt(before), nextAt(afterwards)].filter((at) => at !== null && at > now);
  return earliest(...ahead, after(now, holdsMs)) as EpochMs;
}
