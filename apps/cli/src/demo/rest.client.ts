import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CreateRoomAnswer,
  type CreateRoomBody,
  createRoomAnswerSchema,
  type Outcome,
  outcomeSchema,
} from '#libs/protocol';
import { CannotRun } from '../command.types.js';
import type { DemoOptions } from './demo.options.js';

/** Where `npm start` and `npm run cluster` listen. */
const DEFAULT_URLS = ['http://localhost:3000', 'http://localhost:3001'];
const HEALTH_TIMEOUT_MS = 2_000;
const REST_TIMEOUT_MS = 10_000;
const SHOWN_CHARACTERS = 300;
const SETTLED_WITHIN_MS = 15_000; // a second after the closing, and a take-over may be in between
const OUTCOME_EVERY_MS = 250;

async function request(url: string, init: RequestInit & { token?: string | undefined; timeoutMs?: number }) {
  const { token, timeoutMs = REST_TIMEOUT_MS, ...rest } = init;
  return fetch(url, {
    ...rest,
    headers: {
      connection: 'close', // a connection kept alive would keep this process alive after its work
      ...(rest.body ? { 'content-type': 'application/json' } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    signal: AbortSignal.timeout(timeoutMs),
  });
}

async function isLive(url: string): Promise<boolean> {
  try {
    return (await request(`${url}/health/live`, { timeoutMs: HEALTH_TIMEOUT_MS })).ok;
  } catch {
    return false;
  }
}

/**
 * The gateways to play on: all that were named, or those of the usual two that answer.
 *
 * @throws CannotRun that says what to start if a named one, or both of the usual, do not answer
 */
export async function findGateways(named: readonly string[]): Promise<string[]> {
  const candidates = named.length > 0 ? named : DEFAULT_URLS;
  const live = await Promise.all(candidates.map(isLive));
  const answering = candidates.filter((_, index) => live[index]);
  const silent = candidates.filter((_, index) => !live[index]);
  if (answering.length > 0 && (named.length === 0 || silent.length === 0)) return answering;
  throw new CannotRun(
    `No gateway answers on ${silent.join(' or ')}. Start one in another terminal:\n` +
      '  npm start            one process, no Redis needed\n' +
      '  npm run cluster      two gateways and a scheduler\n' +
      'or name one with --url http://host:port.',
  );
}

/** @throws CannotRun if the room is refused, with what to do about a missing API key */
export async function createRoom(
  url: string,
  options: Pick<DemoOptions, 'apiKey'>,
  body: CreateRoomBody,
): Promise<CreateRoomAnswer> {
  let answer: { status: number; text: string };
  try {
    const init = { method: 'POST', body: JSON.stringify(body), token: options.apiKey };
    const response = await request(`${url}/v1/rooms`, init);
    answer = { status: response.status, text: await response.text() };
  } catch (failure) {
    throw new CannotRun(`${url} did not answer POST /v1/rooms: ${reasonOf(failure)}`, { cause: failure });
  }
  if (answer.status === 401 || answer.status === 403) {
    const lead = options.apiKey === undefined ? 'wants an API key' : 'refuses this API key';
    throw new CannotRun(`${url} ${lead} for making rooms: set QUIZBELL_API_KEY, or give --api-key.`);
  }
  const parsed = createRoomAnswerSchema.safeParse(jsonOf(answer.text));
  if (answer.status === 201 && parsed.success) return parsed.data;
  const text = answer.text.slice(0, SHOWN_CHARACTERS);
  throw new CannotRun(`${url} made no room (status ${answer.status}): ${text}`);
}

/** Closes the room by whichever gateway answers; `false` if none does. */
export async function closeRoom(urls: readonly string[], room: CreateRoomAnswer): Promise<boolean> {
  for (const url of urls) {
    try {
      const init = { method: 'DELETE', token: room.hostToken };
      const response = await request(`${url}/v1/rooms/${room.roomId}`, init);
      if (response.ok || response.status === 404) return true;
    } catch {
      // that gateway is gone; the next one can do it as well
    }
  }
  return false;
}

/**
 * Waits until the run is settled and gives its outcome, from whichever gateway answers; why not, if there is none in 15 s.
 *
 * @throws AbortError when asked to stop
 */
export async function readOutcome(
  urls: readonly string[],
  room: CreateRoomAnswer,
  { questionId, runId }: { questionId: string; runId: number },
  stop: AbortSignal,
): Promise<Outcome | string> {
  const path = `/v1/rooms/${room.roomId}/questions/${questionId}/outcome?runId=${runId}`;
  const giveUpAt = performance.now() + SETTLED_WITHIN_MS;
  for (let asked = 0; ; asked += 1) {
    const url = urls[asked % urls.length] ?? '';
    let reason: string;
    try {
      const response = await request(`${url}${path}`, { token: room.hostToken });
      const text = await response.text();
      const parsed = outcomeSchema.safeParse(jsonOf(text));
      if (response.status === 200 && parsed.success) return parsed.data;
      reason = `${url} answered ${response.status}: ${text.slice(0, SHOWN_CHARACTERS)}`;
      if (response.status === 200) return reason;
    } catch (failure) {
      reason = `${url} did not answer: ${reasonOf(failure)}`; // the next one may
    }
    if (performance.now() > giveUpAt) return reason;
    await sleep(OUTCOME_EVERY_MS, undefined, { signal: stop });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The innermost message: `fetch` says only "fetch failed" itself. */
function reasonOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  return failure.cause instanceof Error ? failure.cause.message : failure.message;
}
