import { type Check, check } from './check.types.js';

// What gateways answer from outside, by their addresses. Rooms are made for it and closed again.

const TIMEOUT_MS = 5_000;
/** If even the closing fails, the room is not left for the default hour. */
const ROOM_IDLE_MS = 60_000;
const SHOWN_CHARACTERS = 200;

interface Answer {
  /** 0: none came. */
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** What came, or why nothing did. */
  readonly text: string;
}

/** Every check of the gateways at these addresses. */
export async function gatewayChecks(urls: readonly string[], apiKey: string | undefined): Promise<Check[]> {
  const ready = await Promise.all(urls.map(readyCheck));
  const answering = urls.filter((_, i) => ready[i]?.ok);
  return urls.length > 1 && answering.length === urls.length
    ? [...ready, await agreement(urls, apiKey)]
    : ready;
}

async function readyCheck(url: string): Promise<Check> {
  const id = `gateway-ready ${url}`;
  const wanted = 'ready';
  const { status, body, text } = await ask(`${url}/health/ready`);
  if (status === 200) return check(id, { status: 'good', found: 'ready', wanted });
  if (status === 0) {
    return check(id, {
      status: 'wrong',
      found: text,
      wanted,
      advice: 'Does a gateway, or its load balancer, listen there, and can it be reached from here?',
    });
  }
  const { checks } = body;
  const failing = Object.entries(typeof checks === 'object' && checks !== null ? checks : {})
    .filter(([, isGood]) => isGood !== true)
    .map(([name]) => name);
  return check(id, {
    status: 'wrong',
    found: failing.length > 0 ? `not ready: ${failing.join(', ')}` : `status ${status}: ${text}`,
    wanted,
    advice: 'It lives but gets no clients. Its log says why; most often it does not reach Redis.',
  });
}

/** Makes a room at the first and shows its token to the others: only that proves that they are one installation. */
async function agreement(urls: readonly string[], apiKey: string | undefined): Promise<Check> {
  const id = 'gateways-agree';
  const wanted = 'a room of one is known to all, and its token good';
  const [first = '', ...others] = urls;
  const made = await ask(`${first}/v1/rooms`, {
    method: 'POST',
    body: JSON.stringify({ settings: { idleMs: ROOM_IDLE_MS } }),
    ...(apiKey === undefined ? {} : { token: apiKey }),
  });
  const { roomId, hostToken } = made.body;
  if (made.status !== 201 || typeof roomId !== 'string' || typeof hostToken !== 'string') {
    const isRefused = made.status === 401 || made.status === 403;
    return check(id, {
      status: 'unknown',
      found: `${first} made no room (status ${made.status})`,
      wanted,
      advice: isRefused ? 'Give an API key: --api-key KEY, or QUIZBELL_API_KEY.' : `It said: ${made.text}`,
    });
  }
  try {
    const room = `/v1/rooms/${encodeURIComponent(roomId)}`;
    for (const url of others) {
      const { status, text } = await ask(`${url}${room}`, { token: hostToken });
      if (status === 200) continue;
      return check(id, { status: 'wrong', wanted, ...disagreement(first, url, status, text) });
    }
    return check(id, { status: 'good', found: `${urls.length} gateways do`, wanted });
  } finally {
    await ask(`${first}/v1/rooms/${encodeURIComponent(roomId)}`, { method: 'DELETE', token: hostToken });
  }
}

function disagreement(first: string, url: string, status: number, text: string) {
  if (status === 401) {
    return {
      found: `${url} refuses a token of ${first}: they have different secrets`,
      advice: 'Give all gateways the same QUIZBELL_SECRET, and restart them one after the other.',
    };
  }
  if (status === 404) {
    return {
      found: `${url} does not know a room of ${first}`,
      advice: 'They have the same secret, but another REDIS_URL, database or QUIZBELL_KEY_PREFIX.',
    };
  }
  return { found: `${url} answered ${status} for a room of ${first}`, advice: `It said: ${text}` };
}

async function ask(
  url: string,
  { method = 'GET', body, token }: { method?: string; body?: string; token?: string } = {},
): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method,
      ...(body === undefined ? {} : { body }),
      headers: {
        connection: 'close', // a connection kept alive would keep this process alive after its work
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return { status: response.status, body: objectOf(text), text: text.slice(0, SHOWN_CHARACTERS) };
  } catch (failure) {
    return { status: 0, body: {}, text: reasonOf(failure) };
  }
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** The innermost message: `fetch` says only "fetch failed" itself. */
function reasonOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  return failure.cause instanceof Error && failure.cause.message !== ''
    ? failure.cause.message
    : failure.message;
}
