import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CreateRoomAnswer } from '#libs/protocol';
import { createRoom } from '../demo/rest.client.js';
import { holdsWithin } from '../drill/condition.wait.js';
import { DrillCluster } from '../drill/drill.cluster.js';
import { ProcessLog } from '../drill/process.log.js';
import type { OutageOptions } from './outage.options.js';
import { OutageReceiver } from './outage.receiver.js';

/** What a receiver that was away for a while got. All `...Ms` are integer milliseconds. */
export interface OutageReport {
  readonly ok: boolean;
  readonly downMs: number;
  /** Runs that were settled, most of them while the receiver was away. */
  readonly runs: number;
  readonly delivered: number;
  /** Ids that did not arrive. */
  readonly lost: readonly string[];
  readonly receivedTwice: number;
  /** Ids under which two different bodies came. */
  readonly conflicting: readonly string[];
  /** Requests whose signature was not verified. */
  readonly forged: number;
  /** How long after the receiver was back the last outcome came for the first time. */
  readonly lastAfterMs: number;
}

interface PlayedRun {
  readonly roomId: string;
  readonly runId: number;
}

const SECRET_BYTES = 32;
const PLAY_EVERY_MS = 1_000;
const REQUEST_TIMEOUT_MS = 10_000;
const SETTLED_AFTER_MS = 3_000;
/** With the default pauses, which double, what failed last is tried again within twice the time that was lost. */
const PATIENCE = 2;
const MORE_PATIENCE_MS = 60_000;

/**
 * Plays questions on a cluster of its own while the receiver of their outcomes is away, with the retries that are the
 * default, and waits for every outcome.
 *
 * @throws CannotRun if the cluster does not start
 */
export async function runOutage(
  { downMs, rooms }: OutageOptions,
  say: (line: string) => void,
  stop: AbortSignal,
): Promise<OutageReport> {
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  const receiver = new OutageReceiver(secret);
  const log = new ProcessLog(mkdtempSync(join(tmpdir(), 'quizbell-outage-')));
  const cluster = new DrillCluster(log);
  let report: OutageReport | undefined;
  try {
    await receiver.comeUp();
    say('Starting Redis, 2 schedulers and 2 gateways...');
    const env = { QUIZBELL_WEBHOOK_SECRET: secret, QUIZBELL_WEBHOOK_URL: receiver.url };
    await cluster.start({ schedulers: 2, gateways: 2, env });
    const played = await playThroughOutage(cluster, receiver, { downMs, rooms, say, stop });
    const backAt = performance.now();
    const names = played.map(({ roomId, runId }) => `outcome-${roomId}-${runId}`);
    const missing = () => names.filter((name) => !receiver.received.has(name));
    say(`The receiver is back and waits for ${missing().length} of ${names.length} outcomes...`);
    await holdsWithin(PATIENCE * downMs + MORE_PATIENCE_MS, () => missing().length === 0, stop);
    report = reportOf(receiver, { downMs, names, lost: missing(), backAt });
    return report;
  } finally {
    await cluster.stop();
    await receiver.goDown();
    await log.close(report?.ok === false);
    if (report?.ok === false) say(`What the processes said: ${log.dir}`);
  }
}

async function playThroughOutage(
  { urls }: DrillCluster,
  receiver: OutageReceiver,
  {
    downMs,
    rooms,
    say,
    stop,
  }: { downMs: number; rooms: number; say: (line: string) => void; stop: AbortSignal },
): Promise<PlayedRun[]> {
  const url = (i: number) => urls[i % urls.length] ?? '';
  const made = await Promise.all(
    Array.from({ length: rooms }, (_, i) => createRoom(url(i), { apiKey: undefined }, {})),
  );
  const playAll = () => Promise.all(made.map((room, i) => playOnce(url(i), room)));
  const played = await playAll();
  await sleep(SETTLED_AFTER_MS, undefined, { signal: stop });
  await receiver.goDown();
  say(`The receiver is away for ${downMs / 1_000} s...`);
  const downSince = performance.now();
  while (performance.now() - downSince < downMs) {
    played.push(...(await playAll()));
    const restMs = downMs - (performance.now() - downSince);
    await sleep(Math.max(0, Math.min(PLAY_EVERY_MS, restMs)), undefined, { signal: stop });
  }
  await receiver.comeUp();
  return played;
}

/** One question, started and stopped over REST. */
async function playOnce(url: string, { roomId, hostToken }: CreateRoomAnswer): Promise<PlayedRun> {
  const post = async (path: string, body: object) => {
    const response = await fetch(`${url}/v1/rooms/${roomId}/question${path}`, {
      method: 'POST',
      headers: {
        connection: 'close',
        'content-type': 'application/json',
        authorization: `Bearer ${hostToken}`,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (!response.ok)
      throw new Error(`POST ${path} was answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { snapshot: { runId: number } };
  };
  const { snapshot } = await post('', { questionId: 'q1', durationMs: 60_000, correct: 'b' });
  await post('/stop', { runId: snapshot.runId });
  return { roomId, runId: snapshot.runId };
}

function reportOf(
  { received, conflicting, forged }: OutageReceiver,
  {
    downMs,
    names,
    lost,
    backAt,
  }: { downMs: number; names: readonly string[]; lost: readonly string[]; backAt: number },
): OutageReport {
  const firsts = [...received.values()].map(([first = 0]) => first);
  return {
    ok: lost.length === 0 && conflicting.size === 0 && forged === 0 && received.size === names.length,
    downMs,
    runs: names.length,
    delivered: received.size,
    lost,
    receivedTwice: [...received.values()].filter((times) => times.length > 1).length,
    conflicting: [...conflicting],
    forged,
    lastAfterMs: Math.max(0, Math.round(Math.max(...firsts) - backAt)),
  };
}
