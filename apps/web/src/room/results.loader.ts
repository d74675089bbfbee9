import { type RoomResults, readResults } from './results.reader.js';

/** What an answer to `GET .../results` means for who asked. */
export type ResultsAnswer =
  | { readonly kind: 'results'; readonly results: RoomResults }
  /** Not settled yet, or not to be had at the moment. */
  | { readonly kind: 'later' }
  /** There is nothing to be had by asking again. */
  | { readonly kind: 'never' };

const LATER: ResultsAnswer = { kind: 'later' };
const NEVER: ResultsAnswer = { kind: 'never' };

/**
 * @param runId of the run that is shown: the question may have been played again meanwhile
 */
export function resultsAnswer(status: number, body: unknown, runId: number): ResultsAnswer {
  if (status === 409 || status === 429 || status >= 500) return LATER;
  if (status !== 200) return NEVER;
  const results = readResults(body);
  if (results === null) return NEVER;
  if (results.runId === runId) return { kind: 'results', results };
  return results.runId < runId ? LATER : NEVER;
}

/** In flight at the deadline: a run settles so long after its grace. */
const IN_FLIGHT_MS = 1_000;

/** How long to wait until a run is settled, milliseconds; the instants are the server's. */
export function settlesInMs(
  { closedAt, graceMs }: { readonly closedAt?: number | undefined; readonly graceMs: number | null },
  serverNow: number | null,
): number {
  if (closedAt === undefined || serverNow === null) return IN_FLIGHT_MS;
  return Math.max(0, closedAt + (graceMs ?? 0) + IN_FLIGHT_MS - serverNow);
}

/** After the n-th attempt without a result: soon at first, then seldom. */
const RETRY_MS = [250, 500, 1_000, 2_000, 5_000, 10_000] as const;

export interface ResultsRequest {
  readonly roomId: string;
  readonly questionId: string;
  readonly runId: number;
  readonly token: string;
  /** Before the first attempt, milliseconds. */
  readonly delayMs: number;
  readonly signal: AbortSignal;
}

/** What the loader needs of the platform; given by tests. */
export interface ResultsPlatform {
  fetch(url: string, init: RequestInit): Promise<Pick<Response, 'status' | 'json'>>;
  /** Resolves after `delayMs`, or at once when `signal` aborts. */
  wait(delayMs: number, signal: AbortSignal): Promise<void>;
}

export const browserPlatform: ResultsPlatform = {
  fetch: (url, init) => fetch(url, init),
  wait: (delayMs, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      signal.addEventListener('abort', done);
    }),
};

async function ask(request: ResultsRequest, platform: ResultsPlatform): Promise<ResultsAnswer> {
  const { roomId, questionId, runId, token, signal } = request;
  const url = `/v1/rooms/${encodeURIComponent(roomId)}/questions/${encodeURIComponent(questionId)}/results`;
  try {
    const response = await platform.fetch(url, { headers: { Authorization: `Bearer ${token}` }, signal });
    const body: unknown = await response.json();
    return resultsAnswer(response.status, body, runId);
  } catch {
    // No network, a proxy that answers no JSON, or aborted: the loop looks which.
    return LATER;
  }
}

/** The results of a closed run as soon as it is settled; null when there are none to be had, or `signal` aborted. */
export async function loadResults(
  request: ResultsRequest,
  platform: ResultsPlatform = browserPlatform,
): Promise<RoomResults | null> {
  const { signal } = request;
  await platform.wait(request.delayMs, signal);
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const answer = await ask(request, platform);
    if (answer.kind === 'results') return answer.results;
    if (answer.kind === 'never') return null;
    await platform.wait(RETRY_MS[attempt] ?? RETRY_MS[RETRY_MS.length - 1] ?? 10_000, signal);
  }
  return null;
}
