import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { OutcomeQueue } from './outcome.queue.js';

/** Where the board is served. */
export const BOARD_PATH = '/admin/queues';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Bull Board for the queue of outcomes, to look only: a browser sends the key with requests of any page, so a button here
 * could be pressed from everywhere. It takes an API key, as `Authorization: Bearer` or as the password of `Basic`. Loaded
 * when somebody asks for it.
 */
export function outcomeBoard(queue: OutcomeQueue, apiKeys: readonly string[]): RequestListener {
  const known = apiKeys.map(digest);
  let board: Promise<RequestListener> | undefined;
  return (request, response) => {
    if (!isAllowed(request, known)) return refuse(response);
    board ??= loadBoard(queue);
    board.then(
      (handle) => handle(request, response),
      () => {
        board = undefined;
        response.writeHead(500, { 'content-type': 'text/plain' }).end('The board cannot be shown.\n');
      },
    );
  };
}

async function loadBoard(outcomes: OutcomeQueue): Promise<RequestListener> {
  const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }, { default: express }] =
    await Promise.all([
      import('@bull-board/api'),
      import('@bull-board/api/bullMQAdapter'),
      import('@bull-board/express'),
      import('express'),
    ]);
  const queue = await outcomes.queue();
  const serverAdapter = new ExpressAdapter().setBasePath(BOARD_PATH);
  createBullBoard({
    queues: [new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false })],
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Quizbell' } },
  });
  const app = express().disable('x-powered-by');
  app.use(BOARD_PATH, serverAdapter.getRouter());
  return app;
}

/** Takes the same time for every key: digests have one length, and all of them are compared. */
function isAllowed(request: IncomingMessage, known: readonly Buffer[]): boolean {
  const key = keyOf(request.headers.authorization ?? '');
  if (key === undefined) return false;
  const given = digest(key);
  let isKnown = false;
  for (const one of known) isKnown = timingSafeEqual(one, given) || isKnown;
  return isKnown;
}

function keyOf(authorization: string): string | undefined {
  const [, scheme = '', credentials = ''] = /^(Bearer|Basic) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== 'basic') return credentials === '' ? undefined : credentials;
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
  return password;
}

function refuse(response: ServerResponse): void {
  response
    .writeHead(401, {
      'content-type': 'text/plain',
      'www-authenticate': 'Basic realm="Quizbell", charset="UTF-8"',
    })
    .end('This takes an API key, as the password of any user.\n');
}
