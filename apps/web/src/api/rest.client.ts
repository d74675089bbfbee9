import { QuizbellError } from '#libs/client';
import type { Role } from '#libs/protocol/wire';

/** 201 of `POST /v1/rooms`. */
export interface CreatedRoom {
  readonly roomId: string;
  readonly pin: string;
  readonly hostToken: string;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Of a body that is no problem document, such as a proxy's page: nothing is known but the status. */
function codeOfStatus(status: number): string {
  if (status === 401) return 'unauthorized';
  if (status === 429) return 'rate_limited';
  return status === 502 || status === 503 || status === 504 ? 'unavailable' : 'internal';
}

const MS_PER_SECOND = 1_000;

function refusalOf(status: number, retryAfter: string | null, body: unknown): QuizbellError {
  const problem = isRecord(body) ? body : {};
  const { code, message, retryable, field, retryAfterMs } = problem;
  const headerMs = Number(retryAfter ?? Number.NaN) * MS_PER_SECOND;
  const afterMs = typeof retryAfterMs === 'number' ? retryAfterMs : headerMs;
  // Of a newer server the code may be none of the list; its sentence then names it.
  const known = typeof code === 'string' ? code : codeOfStatus(status);
  return new QuizbellError({
    code: known as QuizbellError['code'],
    message: typeof message === 'string' ? message : `HTTP ${status}`,
    retryable: retryable === true,
    ...(typeof field === 'string' ? { field } : {}),
    ...(Number.isFinite(afterMs) ? { retryAfterMs: afterMs as never } : {}),
  });
}

/**
 * @param credentials an API key or a host's token; null for none
 * @throws QuizbellError for a refusal; TypeError when there is no answer
 */
async function post(path: string, body: object, credentials: string | null): Promise<unknown> {
  const response = await fetch(path, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(credentials === null ? {} : { Authorization: `Bearer ${credentials}` }),
    },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusalOf(response.status, response.headers.get('Retry-After'), answer);
  return answer;
}

function textsOf<K extends string>(answer: unknown, fields: readonly K[]): Record<K, string> {
  const texts = fields.map((field) => {
    const value = isRecord(answer) ? answer[field] : undefined;
    if (typeof value !== 'string') throw refusalOf(502, null, null);
    return [field, value] as const;
  });
  return Object.fromEntries(texts) as Record<K, string>;
}

/**
 * Creates a room.
 *
 * @param apiKey null where the server asks for none
 */
export async function createRoom(apiKey: string | null): Promise<CreatedRoom> {
  return textsOf(await post('/v1/rooms', {}, apiKey), ['roomId', 'pin', 'hostToken']);
}

/** Makes a token for somebody else in the host's room. */
export async function createToken(roomId: string, hostToken: string, role: Role): Promise<string> {
  const path = `/v1/rooms/${encodeURIComponent(roomId)}/tokens`;
  return textsOf(await post(path, { role }, hostToken), ['token']).token;
}
