import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { expect } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { eventually, eventuallyPasses, freePort, type LooseJson } from '#libs/testing';

/** A secret as `QUIZBELL_WEBHOOK_SECRET` has it. */
export const webhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** One request that was read whole and whose signature was verified. */
export interface ReceivedMessage {
  readonly id: string;
  readonly body: string;
  readonly outcome: LooseJson;
  /** How it was answered: a status, or how it was not. */
  readonly answered: Answer;
}

/** A status; `hang` says nothing for ever, `cut` ends the connection without an answer, as if it was lost on its way. */
export type Answer = number | 'hang' | 'cut';

/** A real receiver of webhooks, which misbehaves as it is told. */
export interface WebhookReceiver {
  readonly url: string;
  readonly messages: readonly ReceivedMessage[];
  /** Requests whose signature was not verified. */
  readonly forged: readonly string[];
  /** How a message is answered; `nth` counts those that came under its id before, from 0. */
  answer: (message: { id: string; outcome: LooseJson; nth: number }) => Answer;
  /** The ids that were answered well, each once. */
  delivered(): string[];
  /** Nobody listens any more; what was under way is cut. */
  goDown(): Promise<void>;
  /** Listens again, at the same address. */
  comeUp(): Promise<void>;
}

const receivers = new Set<WebhookReceiver>();

export async function startReceiver(secret: string): Promise<WebhookReceiver> {
  let port = 0;
  const messages: ReceivedMessage[] = [];
  const forged: string[] = [];
  const webhook = new Webhook(secret);
  let server: Server | undefined;

  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const id = String(request.headers['webhook-id']);
    let outcome: LooseJson;
    try {
      outcome = webhook.verify(body, request.headers as Record<string, string>);
    } catch (failure) {
      forged.push(`${id}: ${(failure as Error).message}`);
      response.writeHead(401).end();
      return;
    }
    const nth = messages.filter((message) => message.id === id).length;
    const answered = receiver.answer({ id, outcome, nth });
    messages.push({ id, body, outcome, answered });
    if (answered === 'cut') request.socket.destroy();
    else if (answered !== 'hang') response.writeHead(answered, { location: `${receiver.url}/moved` }).end();
  };

  const listen = async () => {
    const made = createServer((request, response) => void take(request, response).catch(() => {}));
    await new Promise<void>((done, fail) => {
      made.once('error', fail);
      made.listen(port, '127.0.0.1', done);
    });
    server = made;
  };
  // Between the look and the start another process may take the port.
  await eventuallyPasses(async () => {
    port = await freePort();
    await listen();
  });

  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${port}/outcomes`,
    messages,
    forged,
    answer: () => 204,
    delivered: () => [...new Set(messages.filter(isDelivered).map(({ id }) => id))],
    goDown: async () => {
      const closing = server;
      server = undefined;
      if (closing === undefined) return;
      closing.closeAllConnections();
      await new Promise((done) => closing.close(done));
    },
    // While it was down another process may have looked whether its port is free.
    comeUp: () => eventuallyPasses(listen, { everyMs: 50 }),
  };
  receivers.add(receiver);
  return receiver;
}

/** For `afterAll`. */
export async function stopAllReceivers(): Promise<void> {
  await Promise.all([...receivers].map((receiver) => receiver.goDown()));
  receivers.clear();
}

const isDelivered = ({ answered }: ReceivedMessage): boolean =>
  typeof answered === 'number' && answered >= 200 && answered < 300;

/** Waits until each of these ids was answered well. */
export async function untilDelivered(
  receiver: WebhookReceiver,
  ids: readonly string[],
  timeoutMs = 60_000,
): Promise<void> {
  const missing = () => ids.filter((id) => !receiver.delivered().includes(id));
  await eventually(() => missing().length === 0, {
    timeoutMs,
    everyMs: 50,
    message: `outcomes did not arrive; got ${receiver.messages.map(({ id }) => id).join(', ')}`,
  });
}

/** Every request was signed, and no two bodies came under one id. */
export function expectHonest(receiver: WebhookReceiver): void {
  expect(receiver.forged).toEqual([]);
  const bodies = new Map<string, string>();
  for (const { id, body } of receiver.messages) {
    expect(body).toBe(bodies.get(id) ?? body);
    bodies.set(id, body);
  }
}
