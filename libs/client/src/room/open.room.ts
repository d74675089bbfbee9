import type { Room, RoomOptions } from '../client.types.js';
import { platformEnvironment } from '../environment.js';
import { QuizbellError } from '../quizbell.error.js';
import { unavailable } from './command.sender.js';
import { RoomSession } from './room.session.js';

const TIMEOUT_MS = 5_000;
/** Whoever waits for a room to be joined is told after this (ms) that it does not work. */
const JOIN_WITHIN_MS = 15_000;
/** As long as Node's timers can be. */
const FOR_EVER_MS = 2 ** 31 - 1;

/**
 * Opens a room and gives it at once, before it is joined: watch its `state`. It comes back by itself after drops, until it
 * ends: `state.end` says why, also when it was refused.
 *
 * @throws QuizbellError `invalid_payload` without any `url`, or with one that is none of a gateway
 */
export function openRoom(options: RoomOptions): Room {
  return openSession(options);
}

/**
 * Opens a room and gives it when it is joined for the first time.
 *
 * @throws QuizbellError with what it was refused with for good, or with `unavailable` if it is not joined within 15 s; then
 *   nothing of it is left
 */
export async function joinRoom(options: RoomOptions): Promise<Room> {
  const { environment = platformEnvironment() } = options;
  const room = openSession({ ...options, environment });
  await new Promise<void>((resolve, reject) => {
    const settle = (act: () => void) => {
      stop();
      cancelTimer();
      act();
    };
    const look = () => {
      const { connection, end } = room.state;
      if (connection === 'joined') settle(resolve);
      if (end !== null) {
        settle(() =>
          reject(end.reason === 'refused' ? end.error : unavailable(`The room has ended: ${end.reason}.`)),
        );
      }
    };
    const stop = room.subscribe(look);
    const cancelTimer = environment.setTimer(() => {
      settle(() =>
        reject(unavailable(`The room was not joined in ${JOIN_WITHIN_MS} ms: ${room.lastFailure}.`)),
      );
      room.disconnect();
    }, JOIN_WITHIN_MS);
    look();
  });
  return room;
}

function openSession(options: RoomOptions): RoomSession {
  const { url, environment = platformEnvironment(), timeoutMs = TIMEOUT_MS } = options;
  mustBeGateways(url);
  return new RoomSession({ ...options, environment, timeoutMs }, holdProcess());
}

/** Said at once: to try an address that cannot work would only say, much later, that nobody answers there. */
function mustBeGateways(url: unknown): void {
  const urls: readonly unknown[] = Array.isArray(url) ? url : [url];
  const wrong = urls.find((one) => !isGateway(one));
  if (urls.length > 0 && wrong === undefined && !urls.includes(undefined)) return;
  throw new QuizbellError({
    code: 'invalid_payload',
    message: `The url of a gateway is http(s)://host[:port] without a path, and not ${JSON.stringify(wrong)}.`,
    retryable: false,
    field: 'url',
  });
}

function isGateway(url: unknown): boolean {
  if (typeof url !== 'string') return false;
  try {
    const { protocol, pathname, search } = new URL(url);
    return /^(http|ws)s?:$/.test(protocol) && /^\/*$/.test(pathname) && search === '';
  } catch {
    return false;
  }
}

/**
 * Keeps a Node process alive, which a room that is looking for a gateway would not: no connection is open then, and its timers
 * keep nobody. Does nothing in browsers.
 *
 * @returns how to let go
 */
function holdProcess(): () => void {
  const timer = setInterval(() => {}, FOR_EVER_MS);
  return () => clearInterval(timer);
}
