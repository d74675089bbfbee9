import { isRetryable, PHASES, ROLES, VERDICTS } from '#libs/protocol/wire';
import { QuizbellError } from '../quizbell.error.js';
import type {
  ClientEventAck,
  Judgement,
  Member,
  OwnAnswer,
  QuestionClosed,
  ServerEventName,
  ServerEventPayload,
  Snapshot,
  WireError,
} from '../wire.types.js';

/** The fields of an object that came over the wire: anything until it is looked at. */
export type Fields = Readonly<Record<string, unknown>>;

/** How a command was acknowledged: with its fields, or refused. */
export type Reply =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly error: QuizbellError };

/** What a join was acknowledged with, as far as the room uses it. */
export type Joined = Omit<Extract<ClientEventAck<'room:join'>, { ok: true }>, 'ok' | 'protocol' | 'server'>;

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isNumberOrNull = (value: unknown): value is number | null => value === null || isNumber(value);
const isAbsentOr = (is: (value: unknown) => boolean, value: unknown) => value === undefined || is(value);
const isOneOf = (all: readonly string[], value: unknown): boolean => isText(value) && all.includes(value);

/** The object, or null for anything else. */
export function fieldsOf(value: unknown): Fields | null {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Fields) : null;
}

/** A refusal as the server sent it; null if it is none. */
export function readError(value: unknown): QuizbellError | null {
  const fields = fieldsOf(value);
  if (fields === null || !isText(fields.code)) return null;
  const { code, message, retryable, field, retryAfterMs } = fields;
  return new QuizbellError({
    // A newer server may know more codes; apps compare them with the ones that they know.
    code: code as WireError['code'],
    message: isText(message) ? message : code,
    retryable: typeof retryable === 'boolean' ? retryable : isRetryable(code),
    field: isText(field) ? field : undefined,
    retryAfterMs: isNumber(retryAfterMs) ? Math.max(0, retryAfterMs) : undefined,
  });
}

/** Any acknowledgement; one that cannot be read is refused with `internal`. */
export function readReply(value: unknown): Reply {
  const fields = fieldsOf(value);
  if (fields?.ok === true) return { ok: true, fields };
  return { ok: false, error: readError(fields?.error) ?? unreadable() };
}

/** What is thrown when the server answered something else than the protocol says. */
export function unreadable(): QuizbellError {
  return new QuizbellError({
    code: 'internal',
    message: 'The server’s answer cannot be read.',
    retryable: false,
  });
}

/** A snapshot whose instants are there as its phase says; else null. */
export function readSnapshot(value: unknown): Snapshot | null {
  const fields = fieldsOf(value);
  if (fields === null) return null;
  const { roomId, questionId, runId, version, phase, opensAt, endsAt, remainingMs, durationMs, serverNow } =
    fields;
  if (!isText(roomId) || !isNumber(version) || !isNumber(serverNow) || !isOneOf(PHASES, phase)) return null;
  if (![opensAt, endsAt, remainingMs, durationMs].every(isNumberOrNull)) return null;
  if (!isAbsentOr(isText, fields.reason) || !isAbsentOr(isNumber, fields.closedAt)) return null;
  if (phase !== 'idle' && !(isText(questionId) && isNumber(runId) && isNumber(durationMs))) return null;
  if (phase === 'lead-in' && opensAt === null) return null;
  if ((phase === 'lead-in' || phase === 'open') && endsAt === null) return null;
  if (phase === 'paused' && remainingMs === null) return null;
  return fields as unknown as Snapshot;
}

/** Whether it says that and why the question closed. */
export function isClosed(snapshot: Snapshot | null): snapshot is QuestionClosed {
  return snapshot?.phase === 'closed' && snapshot.reason !== undefined && snapshot.closedAt !== undefined;
}

/** The fields of a judged answer; null if they are none. */
export function readJudgement(fields: Fields | null): Judgement | null {
  if (fields === null) return null;
  const { verdict, receivedAt, elapsedMs, lateByMs, compensatedMs } = fields;
  if (!isOneOf(VERDICTS, verdict) || !isNumber(receivedAt) || !isNumber(elapsedMs)) return null;
  return {
    verdict: verdict as Judgement['verdict'],
    receivedAt,
    elapsedMs,
    ...(isNumber(lateByMs) ? { lateByMs } : {}),
    ...(isNumber(compensatedMs) ? { compensatedMs } : {}),
  };
}

function readOwnAnswer(value: unknown): OwnAnswer | null {
  const fields = fieldsOf(value);
  const judgement = readJudgement(fields);
  if (fields === null || judgement === null) return null;
  const { questionId, runId, choice } = fields;
  if (!isText(questionId) || !isNumber(runId)) return null;
  return { ...judgement, questionId, runId, choice };
}

/** The acknowledgement of `room:join`; null if something of it is missing. */
export function readJoined(fields: Fields): Joined | null {
  const { roomId, pin, playerId, role, name, token } = fields;
  const snapshot = readSnapshot(fields.snapshot);
  if (!isText(roomId) || !isText(pin) || !isText(playerId) || !isText(token) || snapshot === null)
    return null;
  if (!isOneOf(ROLES, role)) return null;
  const answer = readOwnAnswer(fields.answer);
  return {
    roomId,
    pin,
    playerId,
    role: role as Joined['role'],
    name: isText(name) ? name : '',
    token,
    snapshot,
    ...(answer === null ? {} : { answer }),
  };
}

/** The members of a `room:roster`; null if it has no list. Entries that are no members are left out. */
export function readMembers(fields: Fields): Member[] | null {
  if (!Array.isArray(fields.members)) return null;
  return fields.members.filter((member: unknown): member is Member => {
    const one = fieldsOf(member);
    return one !== null && isText(one.playerId) && isText(one.role);
  });
}

type Checks = { readonly [E in ServerEventName]: (fields: Fields) => boolean };

const isSnapshot = (fields: Fields) => readSnapshot(fields) !== null;
const CHECKS: Checks = {
  'question:started': isSnapshot,
  'question:opened': isSnapshot,
  'question:tick': isSnapshot,
  'question:paused': isSnapshot,
  'question:resumed': isSnapshot,
  'question:extended': isSnapshot,
  'question:closed': (fields) => isClosed(readSnapshot(fields)),
  'room:state': ({ snapshot }) => readSnapshot(snapshot) !== null,
  'room:presence': ({ players, spectators, hostConnected }) =>
    isNumber(players) && isNumber(spectators) && typeof hostConnected === 'boolean',
  'room:closed': ({ roomId, version, reason }) => isText(roomId) && isNumber(version) && isText(reason),
  'answers:count': ({ questionId, count }) => isText(questionId) && isNumber(count),
  'server:draining': ({ reconnectAfterMs }) => isNumber(reconnectAfterMs),
  'member:removed': ({ reason }) => isText(reason),
};

/** What the server told, with its name: a union that narrows by `event`. */
export type ServerEvent = {
  [E in ServerEventName]: { readonly event: E; readonly payload: ServerEventPayload<E> };
}[ServerEventName];

/** An event of the protocol; null for one of a newer server, and for one that is not what the protocol says. */
export function readServerEvent(event: string, payload: unknown): ServerEvent | null {
  const fields = fieldsOf(payload);
  if (fields === null || !Object.hasOwn(CHECKS, event)) return null;
  return CHECKS[event as ServerEventName](fields) ? ({ event, payload } as unknown as ServerEvent) : null;
}
