import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { BlockedAddressError, checkHost, lookupPublic } from './public.address.js';

export interface WebhookSenderOptions {
  /** The receiver must have answered within this time (ms), the way there included. */
  readonly timeoutMs: number;
  /** Whether internal addresses, and plain http, are asked. */
  readonly allowPrivate: boolean;
}

export interface WebhookMessage {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Connections to one receiver; more requests than that wait for one of them, at most for their own timeout. */
const CONNECTIONS_PER_RECEIVER = 32;
const IDLE_CONNECTIONS = 4;
/** Nobody reads what a receiver says beside its status; more than this ends the connection. */
const MOST_READ_BYTES = 65_536;

/** Posts messages to webhooks. Redirections are not followed: they would lead around every check. */
export class WebhookSender {
  private readonly http: HttpAgent;
  private readonly https: HttpsAgent;

  constructor(private readonly options: WebhookSenderOptions) {
    const shared = {
      keepAlive: true,
      maxSockets: CONNECTIONS_PER_RECEIVER,
      maxFreeSockets: IDLE_CONNECTIONS,
      ...(options.allowPrivate ? {} : { lookup: lookupPublic }),
    };
    this.http = new HttpAgent(shared);
    this.https = new HttpsAgent(shared);
  }

  /**
   * Gives the receiver's status.
   *
   * @throws BlockedAddressError for an address that is not allowed
   * @throws Error when there was no answer in time, or `signal` was aborted
   */
  async post({ url, headers, body }: WebhookMessage, signal: AbortSignal): Promise<number> {
    const isTls = url.protocol === 'https:';
    if (!this.options.allowPrivate) {
      if (!isTls) throw new BlockedAddressError(`${url.protocol}// is not encrypted: https:// is needed`);
      checkHost(url);
    }
    const timeout = AbortSignal.timeout(this.options.timeoutMs);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (isTls ? requestHttps : requestHttp)(url, {
        method: 'POST',
        agent: isTls ? this.https : this.http,
        headers: { ...headers, 'content-length': body.length },
        signal: AbortSignal.any([signal, timeout]),
      });
      request.on('response', resolve);
      request.on('error', (error) => {
        reject(timeout.aborted ? new Error(`no answer within ${this.options.timeoutMs} ms`) : error);
      });
      request.end(body);
    });
    discard(response);
    return response.statusCode ?? 0;
  }

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }
}

/** Reads the rest of a short answer, so that the connection may be used again. */
function discard(response: IncomingMessage): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_READ_BYTES) response.destroy();
  });
  // The status was the answer; what happens to the rest is nobody's concern.
  response.on('error', () => {});
}
