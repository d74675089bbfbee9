import type { LooseJson } from './quiz.client.js';

export interface RestOptions {
  /** An API key or a host's token, sent as `Authorization: Bearer`. */
  key?: string;
  /** GET, or POST where there is a body. */
  method?: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH';
  /** Sent as JSON; a string is sent as it is, so that a test can send what is no JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

export interface RestAnswer {
  status: number;
  /** Parsed where the server says that it is JSON, else the text; `undefined` if empty. */
  body: LooseJson;
  headers: Headers;
}

const REST_TIMEOUT_MS = 20_000;

/** One request to a REST interface. An error status is an answer like any other. */
export async function rest(url: string, options: RestOptions = {}): Promise<RestAnswer> {
  const { key, body } = options;
  const response = await fetch(url, {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      // A connection kept alive would hold up the clean stop of the server under test.
      connection: 'close',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(options.timeoutMs ?? REST_TIMEOUT_MS),
  });
  const text = await response.text();
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    body: text === '' ? undefined : isJson ? JSON.parse(text) : text,
    headers: response.headers,
  };
}
