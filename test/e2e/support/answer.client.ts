import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, type LooseJson, type RestAnswer, rest, type TestClient } from '#libs/testing';
import { command, type TestRoom } from './room.client.js';

/** How far an instant of a gateway may be from Redis' own (ms); its offset is good to a round trip. */
export const CLOCK_TOLERANCE_MS = 50;

/** A timer may be late by so much (ms): the rest of a wait is a busy one. */
const BUSY_WAIT_MS = 10;

/** What the acknowledgement of an answer may hold, so that a field too many is seen. */
export const ANSWER_ACK_FIELDS = ['elapsedMs', 'lateByMs', 'ok', 'receivedAt', 'verdict'];

/** Answers a question; gives the acknowledgement, which must not be a refusal. */
export function answer(
  client: TestClient,
  questionId: string,
  choice: unknown,
  more: object = {},
): Promise<LooseJson> {
  return command(client, 'answer:submit', { questionId, choice, ...more });
}

const outcomeRoute = (url: string, room: TestRoom, questionId: string, runId?: number) =>
  `${url}/v1/rooms/${room.roomId}/questions/${questionId}/outcome${runId === undefined ? '' : `?runId=${runId}`}`;

/** Asks once for the outcome of a question, whatever the answer. */
export function askOutcome(
  url: string,
  room: TestRoom,
  questionId: string,
  { runId, key = room.hostToken }: { runId?: number; key?: string } = {},
): Promise<RestAnswer> {
  return rest(outcomeRoute(url, room, questionId, runId), { key });
}

/** Waits until the run is settled, and gives its outcome. Until then it must be a conflict. */
export async function outcomeOf(
  url: string,
  room: TestRoom,
  questionId: string,
  runId?: number,
): Promise<LooseJson> {
  return eventually(
    async () => {
      const { status, body } = await askOutcome(url, room, questionId, runId === undefined ? {} : { runId });
      if (status === 200) return body;
      if (status === 409 && body.code === 'wrong_phase') return undefined;
      throw new Error(`no outcome: ${status} ${JSON.stringify(body)}`);
    },
    { message: `${questionId} was not settled`, everyMs: 50 },
  );
}

interface GivenAnswer {
  readonly playerId: string;
  readonly choice: unknown;
}

/** By player: answers of one millisecond are in an order that no test can know. */
export const byPlayer = <T extends { readonly playerId: string }>(rows: readonly T[]): T[] =>
  [...rows].sort((a, b) => (a.playerId < b.playerId ? -1 : 1));

/** Whose answer counts, and what it is, by player. */
export function acceptedRows(outcome: { answers: LooseJson[] }): GivenAnswer[] {
  const counted = outcome.answers.filter(({ verdict }) => verdict === 'accepted');
  return byPlayer(counted).map(({ playerId, choice }) => ({ playerId, choice }));
}

/** Now, on the clock of the member's room. */
export async function serverNow(client: TestClient): Promise<number> {
  return (await command(client, 'clock:sync', { sentAt: 0 })).serverNow;
}

let rawAcks = 1_000_000;

/** Sends the text of one Socket.IO event as it is, also what no encoder would write; gives its acknowledgement. */
export function rawCall(client: TestClient, event: string, payloadText: string): Promise<LooseJson> {
  const { engine } = client.socket.io;
  rawAcks += 1;
  const head = `3/quiz,${rawAcks}`;
  return new Promise((resolve, reject) => {
    const heard = (data: unknown) => {
      if (typeof data !== 'string' || !data.startsWith(`${head}[`)) return;
      clearTimeout(timer);
      engine.off('data', heard);
      resolve(JSON.parse(data.slice(head.length))[0]);
    };
    const timer = setTimeout(() => {
      engine.off('data', heard);
      reject(new Error(`no acknowledgement of a raw ${event}`));
    }, 20_000);
    engine.on('data', heard);
    engine.write(`2/quiz,${rawAcks}["${event}",${payloadText}]`);
  });
}

/**
 * Waits for an instant of Redis' clock on the own one, to the millisecond: both are of this machine, and no test of these
 * moves either. Asking a gateway would take longer than what is measured.
 */
export async function untilInstant(at: number): Promise<void> {
  await sleep(Math.max(0, at - Date.now() - BUSY_WAIT_MS));
  while (Date.now() < at) await new Promise((resolve) => setImmediate(resolve));
}
